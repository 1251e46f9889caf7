import type { TypedDocumentString } from './gql/graphql.js'

const address = process.env.SOUK_URL ?? 'http://127.0.0.1:4000/graphql'

/** Asks the graph. The types of variables and answer are those of the operation. */
export async function ask<Answer, Variables>(
  operation: TypedDocumentString<Answer, Variables>,
  variables: Variables,
  token?: string,
): Promise<Answer> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: operation, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: Answer | null; errors?: GraphError[] }
  if (errors || !data) throw new GraphErrors(errors ?? [])
  return data
}

export type GraphError = { message: string; path?: (string | number)[]; extensions?: { code?: string } }

/** What went wrong on the way. What a customer can correct is in `userErrors` of the answer instead. */
export class GraphErrors extends Error {
  constructor(readonly errors: GraphError[]) {
    super(errors.map((e) => `${e.extensions?.code}: ${e.message}`).join('\n') || 'no answer')
  }
}
