import { Column, PrimaryGeneratedColumn, type ColumnOptions } from 'typeorm';
import { idTransformer } from './ids.js';

type Options = Omit<ColumnOptions, 'type'>;

/** An internal key that is never reused, so that a reference to a deleted row matches nothing. */
export const KeyColumn = (): PropertyDecorator => PrimaryGeneratedColumn({ type: 'int8' });

/** An id (see `newId`), stored as bytes. */
export const IdColumn = (options?: Options): PropertyDecorator =>
  Column({ ...options, type: 'blob', transformer: idTransformer });

export const BytesColumn = (options?: Options): PropertyDecorator => Column({ ...options, type: 'blob' });

export const TextColumn = (options?: Options): PropertyDecorator => Column({ ...options, type: 'text' });

export const IntegerColumn = (options?: Options): PropertyDecorator =>
  Column({ ...options, type: 'integer' });

/** A counter or reference that may exceed 32 bits. */
export const BigintColumn = (options?: Options): PropertyDecorator => Column({ ...options, type: 'bigint' });

/** Milliseconds since the epoch, by the database's clock. */
export const TimeColumn = BigintColumn;

export const BooleanColumn = (options?: Options): PropertyDecorator =>
  Column({ ...options, type: 'boolean' });
