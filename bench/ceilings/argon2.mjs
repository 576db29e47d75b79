// argon2id alone: verifySync in one worker thread, with the parameters that the servers use, for some seconds.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: Number(process.argv[2]) });
  worker.once('message', (perSecond) => console.log(JSON.stringify({ perSecond })));
} else {
  const hash = hashSync('a password of the benchmark', {
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
  });
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < workerData * 1000; count++) {
    if (!verifySync(hash, 'a password of the benchmark')) throw new Error('not verified');
  }
  parentPort.postMessage((count * 1000) / (performance.now() - start));
}
