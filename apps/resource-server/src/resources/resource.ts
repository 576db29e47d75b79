export interface ResourceContent {
  name: string;
  content: string;
}

export const ACCESS_LEVELS = ['read', 'write'] as const;

/** `write` includes reading. Only the owner may delete and share. */
export type Access = (typeof ACCESS_LEVELS)[number];

export interface Permission {
  /** The `sub` of the resource owner who may use the resource. */
  subject: string;
  access: Access;
}
