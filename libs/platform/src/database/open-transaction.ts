import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Row, Statement, Transaction } from './transaction.js';

/** A transaction awaited something other than its own statements. */
export class ForeignAwaitError extends Error {
  override readonly name = 'ForeignAwaitError';

  constructor() {
    super(
      'A transaction may await nothing but its own statements: others wait for it. Do everything else before or after it',
    );
  }
}

/** The part of a transaction that is the same on both databases. */
export abstract class OpenTransaction implements Transaction {
  readonly effects: (() => void)[] = [];
  /** Statements without a result yet. */
  #running = 0;
  #hasEnded = false;
  #failure: { readonly error: unknown } | null = null;
  #isWatched = false;
  #manager: EntityManager | null = null;
  #refuse: (error: Error) => void = () => undefined;

  /**
   * Runs the work, and refuses statements after its end.
   *
   * @throws the error of the first statement that failed, else what the work throws
   * @throws ForeignAwaitError
   */
  async perform<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      const value = await new Promise<T>((resolve, reject) => {
        this.#refuse = reject;
        work(this).then(resolve, reject);
        this.#watch();
      });
      if (this.#running > 0) throw new Error('A transaction must await all of its statements');
      return this.#unlessFailed(value);
    } catch (error) {
      throw this.#failure === null ? error : this.#failure.error;
    } finally {
      this.#hasEnded = true;
    }
  }

  /** Created on first use, because most transactions do not need it. */
  get manager(): EntityManager {
    return (this.#manager ??= this.createManager());
  }

  protected abstract createManager(): EntityManager;

  abstract query<T = Row>(statement: Sql): Promise<T[]>;

  abstract lock(name: string): Promise<void>;

  abstract notify(payload: string): Promise<void>;

  async run<T>({ sql, result, afterCommit }: Statement<T>): Promise<T> {
    const rows = await this.query(sql);
    if (afterCommit !== undefined) this.afterCommit(afterCommit);
    return result(rows);
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  /** Every database operation of the transaction runs through this method. */
  protected async step<T>(act: () => T | Promise<T>): Promise<T> {
    if (this.#hasEnded) throw new Error('The transaction has ended');
    this.#unlessFailed(undefined);
    this.#running++;
    try {
      return await act();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      this.#running--;
      this.#watch();
    }
  }

  #unlessFailed<T>(value: T): T {
    if (this.#failure !== null) throw this.#failure.error;
    return value;
  }

  /**
   * Fails the work when it neither continues nor ends although all of its statements have results. Node.js runs the
   * next-tick queue only when no promise can continue.
   */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isWatched = false;
        if (!this.#hasEnded && this.#running === 0) this.#refuse(new ForeignAwaitError());
      }),
    );
  }
}
