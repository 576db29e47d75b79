const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the event loop of this process, as a long request does, without using the processor. */
export function hold(milliseconds: number): void {
  Atomics.wait(nothing, 0, 0, milliseconds);
}
