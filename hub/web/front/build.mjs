// Bundles the query editor into ./built/graphiql. Started by deploy/frontend.py with `node build.mjs`.

import { createHash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const OUT = 'built/graphiql';
const shared = {
  bundle: true,
  minify: true,
  outdir: OUT,
  legalComments: 'linked',
  target: 'es2022',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

await rm('built', { recursive: true, force: true });

await Promise.all([
  build({
    ...shared,
    entryPoints: ['graphiql.js'],
    format: 'esm',
    splitting: true,
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.ttf': 'file' },
  }),
  build({
    ...shared,
    entryPoints: {
      'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
      'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
      'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    },
    format: 'iife',
  }),
]);

// Fonts and pictures inside the style sheet become files, so that the policy default-src 'self' holds. The sheets of the
// editor's lazily loaded parts are asked for by nobody: graphiql/style.css holds them already.
const sheet = `${OUT}/graphiql.css`;
const files = new Map();
const css = (await readFile(sheet, 'utf8')).replace(
  /url\("?data:(?:font|image)\/(\w+)(?:\+xml)?;base64,([A-Za-z0-9+/=]+)"?\)/g,
  (_whole, kind, text) => {
    const bytes = Buffer.from(text, 'base64');
    const name = `part-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.${kind}`;
    files.set(name, bytes);
    return `url(./${name})`;
  },
);
await writeFile(sheet, css);
await Promise.all([...files].map(([name, bytes]) => writeFile(`${OUT}/${name}`, bytes)));
const unused = (await readdir(OUT)).filter((name) => /^part-.*\.css$/.test(name));
await Promise.all(unused.map((name) => rm(`${OUT}/${name}`)));
