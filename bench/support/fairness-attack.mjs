// The thread of an attacker in bench/fairness.mjs: an event loop of its own, so that its work delays no victim's clock.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { after } from './introspection-latency.mjs';

// On Linux this is the thread's own: what is left of the load's core is the attacker's, not the victims'.
setPriority(constants.priority.PRIORITY_LOW);
const { name, url, context, milliseconds } = workerData;
const { attack } = await import(`../fairness/${name}.mjs`);
parentPort.postMessage('begins');
const told = await attack({ url, context, until: after(milliseconds) });
parentPort.postMessage(told ?? null);
