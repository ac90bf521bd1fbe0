import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReport, type Report } from '../support/report.ts'
import { proveBadProvider } from './policy/badProvider.ts'
import { proveClientAuthority } from './policy/clientAuthority.ts'
import { proveGrant } from './policy/grant.ts'
import { proveLiveKeys } from './policy/liveKeys.ts'
import { proveManyPolicies } from './policy/manyPolicies.ts'
import { openPolicyRelease, type PolicyRelease } from './policy/policyRelease.ts'
import { proveRevocation } from './policy/revocation.ts'
import { proveSigningKeys } from './policy/signingKeys.ts'
import { sharedNode } from './sharedNode.ts'

/** What changes of policies and of what they rely on come to, on two data planes, each of which is asked. */
describe('access policies of an installation', () => {
  let opened: PolicyRelease

  beforeAll(async () => {
    opened = await openPolicyRelease(sharedNode())
  }, 300_000)
  afterAll(() => opened.close())

  const proves = async (prove: (report: Report) => Promise<void>): Promise<void> => {
    const report = createReport()
    await prove(report)
    expect(report.ok()).toBe(true)
  }

  it('rotates a signing key under load without a failure, and ends the tokens of one that is removed', () =>
    proves((report) => proveSigningKeys(opened.world, report)))

  it('ends tokens that are in use, and keeps the last list when one cannot be read', () =>
    proves((report) => proveRevocation(opened.world, report)))

  it('takes both keys of a client while it rotates them, and one of them away', () =>
    proves((report) => proveLiveKeys(opened.world, report)))

  it('sends nothing to a backend any more whose owner takes the grant back', () =>
    proves((report) => proveGrant(opened.world, report)))

  it('ends connections by certificates of an authority that the listener no longer trusts', () =>
    proves((report) => proveClientAuthority(opened.world, opened.clients, report)))

  it('refuses what an identity provider in trouble says, and nothing else', () =>
    proves((report) => proveBadProvider(opened.world, opened.identity, report)))

  it('serves by fifty policies beside one that is broken', () =>
    proves((report) => proveManyPolicies(opened.world, report)))
})
