import 'reflect-metadata';

export type RouteDecorator = ClassDecorator & MethodDecorator;

/** One kind of requirement: how it is stored on what was decorated. `T` is only for the compiler. */
export interface RequirementKey<T> {
  readonly symbol: symbol;
  readonly values?: T;
}

export function requirementKey<T>(name: string): RequirementKey<T> {
  return { symbol: Symbol(`latchkey:${name}`) };
}

/** Adds to what a route or controller requires already, so that no decorator takes back another. */
export function addRequirement<T>(key: RequirementKey<T>, values: readonly T[]): RouteDecorator {
  return (target: object, _property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const decorated = (descriptor?.value as object | undefined) ?? target;
    Reflect.defineMetadata(key.symbol, [...requirementsOf(key, decorated), ...values], decorated);
  };
}

/** Requirements of a class are inherited by the classes that extend it. */
export function requirementsOf<T>(key: RequirementKey<T>, ...targets: object[]): T[] {
  return targets.flatMap((target) => (Reflect.getMetadata(key.symbol, target) as T[] | undefined) ?? []);
}
