import { graphql } from './gql/index.js'
import { ask } from './souk.js'

const ProductList = graphql(`
  query ProductList($first: Int!) {
    products(first: $first, sortKey: TITLE) {
      nodes {
        handle
        title
        availableForSale
        priceRange { minVariantPrice { amount currencyCode } }
      }
    }
  }
`)

const { products } = await ask(ProductList, { first: 5 })
for (const p of products.nodes) {
  const from = p.priceRange.minVariantPrice
  console.log(`${p.title}: from ${from.amount} ${from.currencyCode}${p.availableForSale ? '' : ' (sold out)'}`)
}
