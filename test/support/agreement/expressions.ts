import fc from 'fast-check'

/**
 * Expressions as trees: what a policy says is written from one, and the model judges it without reading the text. What
 * errors in CEL is null: a member that is not there, an attribute of somebody who has none.
 */
export type Expression =
  | { readonly is: 'method'; readonly value: string }
  | { readonly is: 'under'; readonly value: string }
  | { readonly is: 'header'; readonly value: string }
  | { readonly is: 'hasHeader' }
  | { readonly is: 'tenant'; readonly value: string }
  | { readonly is: 'role'; readonly value: string }
  | { readonly is: 'anyScope' }
  | { readonly is: 'team'; readonly value: string }
  | { readonly is: 'hasTeam' }
  | { readonly is: 'parameter'; readonly name: string; readonly value: string }
  | { readonly is: 'ownParameter'; readonly name: string }
  | { readonly is: 'source'; readonly value: string }
  | { readonly is: 'not'; readonly of: Expression }
  | { readonly is: 'and' | 'or'; readonly of: readonly [Expression, Expression] }
  | { readonly is: 'choice'; readonly of: readonly [Expression, Expression, Expression] }

/** What a request and its caller are to an expression. */
export interface World {
  readonly method: string
  readonly path: string
  readonly header: string | null
  readonly source: string
  readonly parameters: ReadonlyMap<string, string>
  /** null = anonymous, or not believed. */
  readonly caller: {
    readonly roles: readonly string[]
    readonly scopes: readonly string[]
    readonly tenant: string | null
    readonly team: string | null
  } | null
}

/** In CEL. */
export function written(expression: Expression): string {
  const text = JSON.stringify
  switch (expression.is) {
    case 'method':
      return `request.method == ${text(expression.value)}`
    case 'under':
      return `request.path.startsWith(${text(expression.value)})`
    case 'header':
      return `request.headers["x-team"] == ${text(expression.value)}`
    case 'hasHeader':
      return '"x-team" in request.headers'
    case 'tenant':
      return `principal.tenant == ${text(expression.value)}`
    case 'role':
      return `${text(expression.value)} in principal.roles`
    case 'anyScope':
      return 'principal.scopes.exists(one, one.startsWith("w"))'
    case 'team':
      return `principal.claims.team == ${text(expression.value)}`
    case 'hasTeam':
      return 'has(principal.claims.team)'
    case 'parameter':
      return `request.pathParams.${expression.name} == ${text(expression.value)}`
    case 'ownParameter':
      return `principal.tenant == request.pathParams.${expression.name}`
    case 'source':
      return `request.sourceIP == ${text(expression.value)}`
    case 'not':
      return `!(${written(expression.of)})`
    case 'and':
    case 'or':
      return expression.of.map((one) => `(${written(one)})`).join(expression.is === 'and' ? ' && ' : ' || ')
    case 'choice': {
      const [condition, yes, no] = expression.of.map((one) => `(${written(one)})`)
      return `${condition} ? ${yes} : ${no}`
    }
  }
}

type Truth = boolean | null

const equal = (one: string | null | undefined, other: string | null | undefined): Truth =>
  one === null || one === undefined || other === null || other === undefined ? null : one === other

/** One side that decides does, also beside one that errors. */
function joined(expression: Extract<Expression, { is: 'and' | 'or' }>, world: World): Truth {
  const decisive = expression.is === 'or'
  const sides = expression.of.map((one) => truth(one, world))
  if (sides.includes(decisive)) return decisive
  return sides.includes(null) ? null : !decisive
}

/** What an expression comes to. */
export function truth(expression: Expression, world: World): Truth {
  const { caller, parameters } = world
  switch (expression.is) {
    case 'method':
      return world.method === expression.value
    case 'under':
      return world.path.startsWith(expression.value)
    case 'header':
      return equal(world.header, expression.value)
    case 'hasHeader':
      return world.header !== null
    case 'tenant':
      return equal(caller?.tenant, expression.value)
    case 'role':
      return caller === null ? null : caller.roles.includes(expression.value)
    case 'anyScope':
      return caller === null ? null : caller.scopes.some((one) => one.startsWith('w'))
    case 'team':
      return equal(caller?.team, expression.value)
    case 'hasTeam':
      return caller === null ? null : caller.team !== null
    case 'parameter':
      return equal(parameters.get(expression.name), expression.value)
    case 'ownParameter':
      return equal(caller?.tenant, parameters.get(expression.name))
    case 'source':
      return world.source === expression.value
    case 'not': {
      const inner = truth(expression.of, world)
      return inner === null ? null : !inner
    }
    case 'and':
    case 'or':
      return joined(expression, world)
    case 'choice': {
      const [condition, yes, no] = expression.of
      const chosen = truth(condition, world)
      return chosen === null ? null : truth(chosen ? yes : no, world)
    }
  }
}

const one = <const T extends Expression>(expression: T): fc.Arbitrary<Expression> => fc.constant(expression)

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom('GET', 'POST', 'HEAD').map((value): Expression => ({ is: 'method', value })),
  fc.constantFrom('/a', '/t/acme', '/c').map((value): Expression => ({ is: 'under', value })),
  fc.constantFrom('red', 'blue').map((value): Expression => ({ is: 'header', value })),
  fc.constantFrom('acme', 'globex').map((value): Expression => ({ is: 'tenant', value })),
  fc.constantFrom('reader', 'writer').map((value): Expression => ({ is: 'role', value })),
  fc.constantFrom('red', 'blue').map((value): Expression => ({ is: 'team', value })),
  fc
    .constantFrom('tenant', 'id', 'owner', 'item')
    .map((name): Expression => ({ is: 'parameter', name, value: 'acme' })),
  fc.constantFrom('tenant', 'owner').map((name): Expression => ({ is: 'ownParameter', name })),
  fc.constantFrom('127.0.0.1', '10.1.2.3').map((value): Expression => ({ is: 'source', value })),
  one({ is: 'hasHeader' }),
  one({ is: 'anyScope' }),
  one({ is: 'hasTeam' }),
)

/** Random ones, up to four deep. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('tree').map((of): Expression => ({ is: 'not', of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), tie('tree'), tie('tree'))
      .map(([is, ...of]): Expression => ({ is, of })),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map((of): Expression => ({ is: 'choice', of })),
  ),
})).tree
