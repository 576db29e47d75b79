export const GRACE_SECONDS = 30;

/** What a client is registered with, as far as refreshing depends on it. */
export const REGISTRATION = {
  refreshTokenPolicy: 'rotate',
  refreshTokenGrace: GRACE_SECONDS,
  refreshTokenIdleTtl: 600,
  refreshTokenMaxUses: null,
  refreshTokenMaxRetries: null,
  forwardsEndUserAddress: false,
} as const;

export const CONTEXT = {
  requestId: 'r',
  address: '192.0.2.1',
  forwardedFor: null,
  device: null,
  arrivedAt: 0,
};
