export function median(numbers) {
  return percentile(
    [...numbers].sort((left, right) => left - right),
    0.5,
  );
}

const RESAMPLES = 10_000;

/**
 * How sure a median is: a bootstrap interval, that holds 95 % of the medians of numbers drawn anew from those measured.
 *
 * @returns {[number, number]}
 */
export function medianInterval(numbers) {
  const medians = Array.from({ length: RESAMPLES }, () => median(drawn(numbers)));
  medians.sort((left, right) => left - right);
  return [percentile(medians, 0.025), percentile(medians, 0.975)];
}

function drawn(numbers) {
  return numbers.map(() => numbers[Math.floor(Math.random() * numbers.length)]);
}

/** @param sorted ascending */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
