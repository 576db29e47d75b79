import { IdColumn, TextColumn, TimeColumn } from '@latchkey/platform/database';
import { Entity, ForeignKey, Index } from 'typeorm';
import type { Access } from './resource.js';

/** A piece of text that a resource owner keeps here and may share. */
@Entity('resources')
@Index('resources_owner', ['owner', 'id'])
export class Resource {
  @IdColumn({ primary: true }) id!: string;
  /** The `sub` of the resource owner. */
  @TextColumn() owner!: string;
  @TextColumn() name!: string;
  @TextColumn() content!: string;
  @TimeColumn() createdAt!: number;
  @TimeColumn() updatedAt!: number;
}

@Entity('resource_permissions')
@Index('resource_permissions_subject', ['subject', 'resourceId'])
export class ResourcePermission {
  @ForeignKey(() => Resource, { name: 'resource_permissions_resource', onDelete: 'CASCADE' })
  @IdColumn({ primary: true })
  resourceId!: string;

  /** The `sub` of the resource owner who may use the resource. */
  @TextColumn({ primary: true }) subject!: string;
  @TextColumn() access!: Access;
}
