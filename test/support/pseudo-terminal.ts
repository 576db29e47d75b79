import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a shell does before and after a command: gives the terminal its size, and afterwards reads what is left in the
 * terminal, which a shell would run.
 */
const SHELL = `
stty cols "$COLUMNS_OF_TERMINAL" rows 24
"$@" 2>"$ERRORS_TO"
echo "ended with $?"
case "$(stty -a)" in *' -echo '*) echo 'echo is off' ;; *) echo 'echo is on' ;; esac
stty -echo -icanon min 0 time 0
echo "left over: [$(dd bs=65536 count=1 2>/dev/null)]"
`;

export interface Played {
  readonly status: number;
  /** All that the terminal showed. */
  readonly screen: string;
  /** Whether the terminal shows again what is typed. */
  readonly isEchoOn: boolean;
  /** What was typed and not read: the next command of the shell. */
  readonly leftOver: string;
}

/** Wait until the terminal shows this, after what was waited for before, and then type that, or what follows from the screen. */
export type Step = readonly [shown: string, typed: string | ((screen: string) => string)];

export interface PlayOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly directory: string;
  /** A file instead of the terminal for the standard error. */
  readonly errorsTo?: string;
}

/** Plays a command in a pseudo-terminal of its own, made by `script` of util-linux. */
export async function play(
  command: readonly string[],
  steps: readonly Step[],
  { environment, columns = 80, directory, errorsTo = '/dev/tty' }: PlayOptions,
): Promise<Played> {
  const shell = join(mkdtempSync(join(tmpdir(), 'latchkey-terminal-')), 'shell.sh');
  writeFileSync(shell, SHELL);
  const line = ['sh', shell, ...command].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--command', line, '/dev/null'], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      TERM: 'xterm',
      COLUMNS_OF_TERMINAL: String(columns),
      ERRORS_TO: errorsTo,
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  child.stdin.on('error', () => undefined);
  const waiting = [...steps];
  let screen = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (let step = waiting[0]; step !== undefined; step = waiting[0]) {
      const at = screen.indexOf(step[0], seen);
      if (at === -1) return;
      seen = at + step[0].length;
      child.stdin.write(typeof step[1] === 'string' ? step[1] : step[1](screen));
      waiting.shift();
    }
  });
  await closed;
  if (waiting.length > 0) throw new Error(`The terminal never showed ${waiting[0]?.[0]}:\n${screen}`);
  const end = /ended with (\d+)\r\necho is (on|off)\r\nleft over: \[([^]*)\]\r\n$/.exec(screen);
  if (end === null) throw new Error(`The command did not end in the terminal:\n${screen}`);
  return {
    status: Number(end[1]),
    screen: screen.slice(0, end.index),
    isEchoOn: end[2] === 'on',
    leftOver: end[3] ?? '',
  };
}
