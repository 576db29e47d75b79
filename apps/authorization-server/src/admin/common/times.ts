/** A moment on the wire (RFC 3339). */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function optionalTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : time(milliseconds);
}
