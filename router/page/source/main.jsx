import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';

const page = JSON.parse(document.getElementById('page').textContent);
const here = new URL('.', import.meta.url).href;
const workers = { graphql: 'graphql', json: 'json' };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(`${here}${workers[label] ?? 'editor'}.worker.js`),
};

const tabs = page.examples.map(({ query, variables, headers }) => ({ query, variables, headers }));
const explorer = explorerPlugin();

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: page.url })}
    plugins={[explorer]}
    defaultTabs={tabs.length > 0 ? tabs : undefined}
    initialQuery={tabs[0]?.query}
    initialVariables={tabs[0]?.variables}
    initialHeaders={tabs[0]?.headers}
    defaultEditorToolsVisibility="variables"
    inputValueDeprecation
  >
    <GraphiQL.Logo>{page.title}</GraphiQL.Logo>
  </GraphiQL>,
);
