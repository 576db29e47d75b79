import 'reflect-metadata';

export type RouteDecorator = ClassDecorator & MethodDecorator;

/** Adds to what a route or controller requires already, so that no decorator takes back another. */
export function addRequirement(key: symbol, values: readonly string[]): RouteDecorator {
  return (target: object, _property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const decorated = (descriptor?.value as object | undefined) ?? target;
    Reflect.defineMetadata(key, [...requirementsOf(key, decorated), ...values], decorated);
  };
}

/** Requirements of a class are inherited by the classes that extend it. */
export function requirementsOf(key: symbol, target: object): string[] {
  return (Reflect.getMetadata(key, target) as string[] | undefined) ?? [];
}
