// What both checks need: the packages of others, which live in a folder that is not committed, and the binary under test.
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// others loads a package of somebody else.
export const others = createRequire(new URL('.cache/package.json', import.meta.url));

const root = fileURLToPath(new URL('../../../', import.meta.url));

// fromRoot names a file of this repository.
export const fromRoot = (name) => root + name;

// run runs a program to its end. It never throws: code is the exit status, out and err what was printed.
export function run(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 1 << 28 }, (failure, out, err) => resolve({ code: failure ? (failure.code ?? -1) : 0, out, err }));
  });
}

// serveSupergraph starts the router with a supergraph and calls use with its address; the router ends with it.
export async function serveSupergraph(souk, file, flags, use) {
  const router = spawn(souk, ['router', '--supergraph', file, '--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  router.stderr.on('data', (text) => { said += text; });
  try {
    return await use(await address(router, () => said));
  } finally {
    router.kill();
  }
}

function address(router, said) {
  return new Promise((resolve, reject) => {
    router.on('error', reject);
    router.on('exit', (code) => reject(new Error(`the router ended with ${code}: ${said()}`)));
    createInterface({ input: router.stdout }).on('line', (line) => {
      const found = line.match(/router answers at (http\S+)/);
      if (found) resolve(found[1]);
    });
  });
}
