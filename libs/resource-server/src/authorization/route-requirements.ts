import 'reflect-metadata';
import { UseGuards, type Type } from '@nestjs/common';
import { assertJudged } from '../request/judgement.js';
import { sharedSymbol } from '../request/shared-symbol.js';

/** A decorator of a handler or of a whole controller. */
export type RouteDecorator = ClassDecorator & MethodDecorator;

/** A kind of requirement, and how it is stored on a decorated class or method. `T` is only for the compiler. */
interface RequirementKey<T> {
  readonly kind: string;
  readonly symbol: symbol;
  /** Whether it overrides `@Public()` at the same place. */
  readonly isRestriction: boolean;
  readonly values?: T;
}

/** The methods of a class as its decorators received them. */
type DecoratedMethods = ReadonlyMap<string | symbol, object>;

const DECORATED_METHODS = sharedSymbol('decorated-methods');

const keys: RequirementKey<unknown>[] = [];

export function requirementKey<T>(kind: string, { isRestriction = true } = {}): RequirementKey<T> {
  const key: RequirementKey<T> = { kind, symbol: sharedSymbol(kind), isRestriction };
  keys.push(key);
  return key;
}

/** The kinds of requirements that this copy of the package knows and its guard checks. */
export function knownKinds(): ReadonlySet<string> {
  return new Set(keys.map(({ kind }) => kind));
}

/**
 * Adds to the existing requirements of a route or controller, so that no decorator replaces another. The route also
 * gets a check that needs none of our modules: it refuses requests that none of our guards has checked.
 */
export function addRequirement<T>(key: RequirementKey<T>, values: readonly T[]): RouteDecorator {
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const decorated = (descriptor?.value as object | undefined) ?? target;
    const former = requirementsOf(key, decorated);
    Reflect.defineMetadata(key.symbol, [...former, ...values], decorated);
    if (property !== undefined) rememberMethod(target, property, decorated);
    if (former.length > 0) return;
    const bind = UseGuards({ canActivate: (context) => assertJudged(context, key.kind) });
    if (property === undefined || descriptor === undefined) bind(target as Type);
    else bind(target, property, descriptor);
  };
}

/** Classes inherit the requirements of their base classes. */
export function requirementsOf<T>(key: RequirementKey<T>, ...targets: object[]): T[] {
  return targets.flatMap((target) => (Reflect.getMetadata(key.symbol, target) as T[] | undefined) ?? []);
}

/** Whether there is any requirement here, which overrides `@Public()` at the same place. */
export function isRestricted(target: object): boolean {
  return keys.some((key) => key.isRestriction && requirementsOf(key, target).length > 0);
}

/**
 * A decorator above ours that replaces the method also removes its requirements.
 *
 * @throws Error naming the method
 */
export function assertNothingReplaced(controller: Type): void {
  let prototype = controller.prototype as object | null;
  for (; prototype !== null; prototype = Object.getPrototypeOf(prototype) as object | null) {
    for (const [name, decorated] of decoratedMethods(prototype)) {
      const present = (prototype as Record<string | symbol, object>)[name];
      if (present === decorated || (present !== undefined && hasAllOf(present, decorated))) continue;
      throw new Error(
        `${controller.name}.${String(name)}: a decorator has replaced the method, and what @Require...() said is lost. Write that decorator below @Require...()`,
      );
    }
  }
}

function hasAllOf(present: object, decorated: object): boolean {
  return keys.every((key) => {
    const kept = requirementsOf(key, present);
    return requirementsOf(key, decorated).every((requirement) => kept.includes(requirement));
  });
}

/** The names of methods with one of our decorators, without inherited ones. */
export function decoratedNames(prototype: object): (string | symbol)[] {
  return [...decoratedMethods(prototype).keys()];
}

function rememberMethod(prototype: object, name: string | symbol, method: object): void {
  Reflect.defineMetadata(
    DECORATED_METHODS,
    new Map([...decoratedMethods(prototype), [name, method]]),
    prototype,
  );
}

function decoratedMethods(prototype: object): DecoratedMethods {
  return (
    (Reflect.getOwnMetadata(DECORATED_METHODS, prototype) as DecoratedMethods | undefined) ??
    new Map<string, object>()
  );
}
