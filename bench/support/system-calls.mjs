// Reads what `strace -f -y -ttt` wrote. Lines look like this, and calls that overlap with others' are written in two:
//   123 1700000000.000001 read(25<TCP:[127.0.0.1:1->127.0.0.1:2]>, "POST ..."..., 65536) = 300
//   123 1700000000.000002 fdatasync(20</data/latchkey.sqlite-wal>) = 0
//   123 1700000000.000003 fdatasync(20</data/latchkey.sqlite-wal> <unfinished ...>
//   123 1700000000.000004 <... fdatasync resumed>) = 0

const CALL = /^(\d+) +([\d.]+) (\w+)\((\d+)<([^>]*(?:->[^>]*)?)>/;
const RESUMED = /^(\d+) +([\d.]+) <\.\.\. (\w+) resumed>/;

/**
 * @returns how many answers with a refresh token there are, how many syncs of the log, and the answers before which
 * none had ended that began after the request on the same socket was read and the log was last written
 */
export function judge(trace) {
  const unfinished = new Map();
  const asked = new Map();
  const early = [];
  let answers = 0;
  let syncs = 0;
  let lastSync = -1;
  let lastWrite = -1;
  trace.split('\n').forEach((line, index) => {
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const { name, file, began } = unfinished.get(resumed[1]) ?? {};
      unfinished.delete(resumed[1]);
      if (isSync(name, file) && line.endsWith('= 0')) [syncs, lastSync] = [syncs + 1, began];
      if (name === 'read' && isSocket(file) && line.includes('POST /oauth/token')) asked.set(file, index);
      return;
    }
    const [, thread, , name, , file = ''] = CALL.exec(line) ?? [];
    if (name === undefined) return;
    if (isSocket(file) && name !== 'read' && line.includes('refresh_token')) {
      answers++;
      // The call begins here, so it counts from here, whenever it ends.
      if (lastSync < Math.max(asked.get(file) ?? Infinity, lastWrite)) early.push(line);
    }
    if (name === 'pwrite64' && isLog(file)) lastWrite = index;
    if (line.includes('<unfinished ...>')) unfinished.set(thread, { name, file, began: index });
    else if (isSync(name, file) && line.endsWith('= 0')) [syncs, lastSync] = [syncs + 1, index];
    else if (name === 'read' && isSocket(file) && line.includes('POST /oauth/token')) asked.set(file, index);
  });
  return { answers, syncs, early };
}

function isSync(name, file) {
  return (name === 'fdatasync' || name === 'fsync') && isLog(file);
}

function isLog(file) {
  return file?.endsWith('.sqlite-wal');
}

function isSocket(file) {
  return file?.startsWith('TCP:') || file?.startsWith('socket:');
}
