/**
 * How well a threshold on the time could tell two classes apart: the area under the ROC curve, by the statistic of Mann
 * and Whitney, whichever class is the slower one. 0.5: not at all; 1: always.
 */
export function distinguishability(left, right) {
  const all = [
    ...left.map((time) => ({ time, isLeft: true })),
    ...right.map((time) => ({ time, isLeft: false })),
  ];
  all.sort((one, other) => one.time - other.time);
  let rankSum = 0;
  for (let start = 0; start < all.length;) {
    let end = start;
    while (end < all.length && all[end].time === all[start].time) end++;
    // Ties share the middle of their ranks.
    const rank = (start + 1 + end) / 2;
    for (let index = start; index < end; index++) if (all[index].isLeft) rankSum += rank;
    start = end;
  }
  const wins = rankSum - (left.length * (left.length + 1)) / 2;
  const area = wins / (left.length * right.length);
  return Math.max(area, 1 - area);
}
