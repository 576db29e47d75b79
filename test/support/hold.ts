const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Holds the event loop of this process, as a request of somebody else does, and leaves the processor to others. */
export function hold(milliseconds: number): void {
  Atomics.wait(nothing, 0, 0, milliseconds);
}
