export const GRACE_SECONDS = 30;

/** What a client is registered with, as far as refreshing depends on it. */
export const REGISTRATION = {
  refreshTokenPolicy: 'rotate',
  refreshTokenGrace: GRACE_SECONDS,
  refreshTokenIdleTtl: 600,
  refreshTokenMaxUses: null,
  refreshTokenMaxRetries: null,
  forwardsEndUserAddress: false,
} as const;
