export function median(numbers) {
  return percentile(
    [...numbers].sort((left, right) => left - right),
    0.5,
  );
}

/** @param sorted ascending */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
