export function median(numbers) {
  return percentile(
    [...numbers].sort((left, right) => left - right),
    0.5,
  );
}

const RESAMPLES = 10_000;

/**
 * How sure the ratio of two medians is: a bootstrap interval, that holds 95 % of the ratios of rounds drawn anew from
 * those that were measured.
 *
 * @returns {[number, number]}
 */
export function ratioInterval(numbers, base) {
  const ratios = Array.from({ length: RESAMPLES }, () => median(drawn(numbers)) / median(drawn(base)));
  ratios.sort((left, right) => left - right);
  return [percentile(ratios, 0.025), percentile(ratios, 0.975)];
}

function drawn(numbers) {
  return numbers.map(() => numbers[Math.floor(Math.random() * numbers.length)]);
}

/** @param sorted ascending */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
