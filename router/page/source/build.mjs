// Bundles the editor into ../assets, compressed, so that the program serves it as it is.
import { build } from 'esbuild';
import { readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const assets = new URL('../assets/', import.meta.url).pathname;
const common = {
  bundle: true, minify: true, write: false, outdir: assets, target: 'es2022', legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' }, loader: { '.ttf': 'dataurl' },
};
const page = await build({ ...common, entryPoints: { graphiql: 'main.jsx' }, format: 'esm', jsx: 'automatic' });
const workers = await build({
  ...common, format: 'iife', entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  },
});
rmSync(assets, { recursive: true, force: true });
mkdirSync(assets);
for (const { path, contents } of [...page.outputFiles, ...workers.outputFiles]) {
  writeFileSync(path + '.gz', gzipSync(contents, { level: 9 }));
}

// The licences of what is in the bundle go with it.
const names = ['graphiql', '@graphiql/react', '@graphiql/toolkit', '@graphiql/plugin-explorer', 'graphql', 'react', 'react-dom', 'monaco-editor', 'monaco-graphql'];
const licences = names.map((name) => `${name}\n\n${licence(name)}\n`).join('\n----\n\n');
writeFileSync(assets + 'LICENSES.txt', licences);

function licence(name) {
  for (const file of ['LICENSE', 'LICENSE.txt', 'LICENSE.md']) {
    try {
      return readFileSync(new URL(`node_modules/${name}/${file}`, import.meta.url), 'utf8').trim();
    } catch { /* another name */ }
  }
  return `${JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).license} License`;
}
