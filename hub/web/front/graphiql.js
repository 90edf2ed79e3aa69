// The query editor at /graphql, from our own files: no CDN, no inline script.
//
// The page holds <div id="graphiql" data-endpoint="/graphql" data-query="..." data-headers='{"X-...": "..."}'></div>;
// data-query (first text of the editor) and data-headers (sent with every request) may be left out.
// The page loads graphiql.css and this file as <script type="module">. Its Content-Security-Policy may be
// "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:": the editor writes its own style
// elements, and draws the wavy line under a mistake as a data: picture. Scripts and workers come from 'self' alone.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './graphiql.css';

const WORKERS = { json: './json.worker.js', graphql: './graphql.worker.js' };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(WORKERS[label] ?? './editor.worker.js', import.meta.url));
  },
};

const place = document.getElementById('graphiql');
const { endpoint = '/graphql', query, headers } = place.dataset;
const fetcher = createGraphiQLFetcher({ url: endpoint, headers: headers ? JSON.parse(headers) : {} });

createRoot(place).render(createElement(GraphiQL, { fetcher, defaultQuery: query }));
