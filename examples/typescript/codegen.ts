import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: process.env.SOUK_SCHEMA ?? 'http://127.0.0.1:4000/schema.graphql',
  documents: 'src/**/*.ts',
  importExtension: '.js',
  generates: {
    'src/gql/': {
      preset: 'client',
      config: {
        documentMode: 'string', // The program needs no GraphQL library.
        useTypeImports: true,
        onlyOperationTypes: true, // Without the types that no operation of the program names.
        strictScalars: true,
        scalars: { DateTime: 'string', Decimal: 'string', URL: 'string', HTML: 'string', Color: 'string', JSON: 'unknown' },
      },
      presetConfig: { fragmentMasking: false },
    },
  },
}

export default config
