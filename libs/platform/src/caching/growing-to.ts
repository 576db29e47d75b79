/**
 * Options of an `lru-cache` that takes memory as it grows. With its option `max` it reserves the memory of all entries at
 * once, which costs each start time and memory, however few entries there will be.
 */
export function growingTo(maxEntries: number): { maxSize: number; sizeCalculation: () => number } {
  return { maxSize: maxEntries, sizeCalculation: () => 1 };
}
