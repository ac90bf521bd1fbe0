import { judged, refused, served, type Attempt } from './attempt.ts'
import { hostOf, policy, route, everybody, targets } from './objects.ts'
import { hostile } from './people.ts'

const notAllowed = (name: string): string => `gatewayroute/${name} Accepted=False/HostNotAllowed`
const on = (name: string, ...hostnames: readonly string[]): readonly object[] => [route(name, { hostnames })]

const edge = (sectionName: string) => [{ name: 'edge', namespace: 'gatehouse-system', sectionName }]

/** What a tenant tries with hosts, listeners and names. */
export const onHosts: readonly Attempt[] = [
  judged(
    'the host of shop',
    notAllowed('steal'),
    on('steal', 'orders.shop.example'),
    served('client', 'orders.shop.example/steal', 'shop'),
    refused('own', 'orders.shop.example/steal/own', '401 unauthenticated'),
  ),
  judged(
    'a longer path on the host of shop',
    notAllowed('steal-path'),
    [
      route('steal-path', {
        hostnames: ['orders.shop.example'],
        matches: [{ path: { type: 'Exact', value: '/steal-path' } }],
      }),
    ],
    served('client', 'orders.shop.example/steal-path', 'shop'),
  ),
  judged(
    'the host of shop, and says it was first',
    notAllowed('first'),
    [
      route('first', {
        hostnames: ['orders.shop.example'],
        metadata: {
          creationTimestamp: '2001-01-01T00:00:00Z',
          generation: 1,
          uid: '00000000-0000-0000-0000-000000000000',
        },
      }),
    ],
    served('client', 'orders.shop.example/first', 'shop'),
  ),
  judged(
    'the host of shop, with a status that says Accepted',
    notAllowed('sealed'),
    [
      {
        ...route('sealed', { hostnames: ['orders.shop.example'] }),
        status: {
          conditions: [
            {
              type: 'Accepted',
              status: 'True',
              reason: 'Accepted',
              message: '',
              lastTransitionTime: '2001-01-01T00:00:00Z',
            },
          ],
        },
      },
    ],
    served('client', 'orders.shop.example/sealed', 'shop'),
  ),
  judged(
    'a host of shop that nobody serves yet',
    notAllowed('free'),
    on('free', 'free.shop.example'),
    refused('own', 'free.shop.example/free', '404 no-route'),
  ),
  judged(
    'every host of shop by a wildcard',
    notAllowed('wildcard'),
    on('wildcard', '*.shop.example'),
    refused('own', 'any.shop.example/wildcard', '404 no-route'),
  ),
  judged('every host by a wider wildcard', notAllowed('wider'), on('wider', '*.example')),
  judged('a host below one of shop', notAllowed('below'), on('below', 'deep.orders.shop.example')),
  judged('a host that nobody owns', notAllowed('nobody'), on('nobody', 'nobody.example')),
  judged('the name above its own', notAllowed('above'), on('above', 'other.example')),
  judged(
    'its own host and one of shop in one route',
    'gatewayroute/both PartiallyInvalid=True/HostNotAllowed',
    on('both', hostOf('both'), 'pay.shop.example'),
    served('own', `${hostOf('both')}/both`, 'other'),
    refused('own', 'pay.shop.example/both/theirs', '404 no-route'),
  ),
  judged(
    'a host that the platform took out of its wildcard',
    'gatewayroute/mine-all Accepted=True/Accepted',
    on('mine-all', '*.other.example'),
    served('own', 'anything.other.example/mine-all', 'other'),
    refused('own', 'vip.other.example/mine-all/theirs', '404 no-route'),
  ),
  judged(
    'a listener for the namespace of the platform',
    'gatewayroute/inside Accepted=False/NotAllowedByListeners',
    [route('inside', { parentRefs: edge('partner') })],
    refused('own', 'partner.shop.example/inside', '404 no-route'),
  ),
  judged('a listener for labelled namespaces', 'gatewayroute/labelled Accepted=False/NotAllowedByListeners', [
    route('labelled', { parentRefs: edge('inner') }),
  ]),
  judged('a listener that does not exist', 'gatewayroute/lost Accepted=False/NoMatchingParent', [
    route('lost', { parentRefs: edge('admin') }),
  ]),
  judged(
    'the name of a route of shop',
    'gatewayroute/orders Accepted=True/Accepted',
    [route('orders')],
    served('client', 'orders.shop.example/same-name', 'shop'),
    refused('client', `${hostOf('orders')}/same-name/here`, '401 unauthenticated'),
  ),
  judged(
    'names that read as those of shop when they are put together',
    `gatewayroute/${hostile.lab}/x Accepted=True/Accepted`,
    [
      route('x', { namespace: hostile.lab, hostnames: ['x.lab.example'] }),
      policy('x', { targetRefs: [targets.route('x')], ...everybody }, hostile.lab),
    ],
    served('client', 'lab-x.shop.example/together', 'shop'),
    refused('own', 'lab-x.shop.example/together/own', '401 unauthenticated'),
  ),
  judged(
    'the host of shop on a connection for its own',
    'gatewayroute/authority Accepted=True/Accepted',
    [route('authority')],
    refused('own', `${hostOf('authority')}/authority`, '421 misdirected', '--header', 'Host: orders.shop.example.'),
  ),
]
