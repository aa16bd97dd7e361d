import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { domainOfHost } from '../../src/config/index.ts'
import { brief, confOf, readText } from './conf-folder.ts'

function read(t: TestContext, lines: string) {
  return readText(t, `trackers = a\n[vhost]\n${lines}`)
}

function lookupIn(t: TestContext, lines: string): (host: string) => string | undefined {
  const { mogilefs } = confOf(read(t, lines))
  assert.ok(mogilefs)
  return (host) => domainOfHost(mogilefs.vhosts, host)
}

test('a host name stands for a domain, whatever its case and with the dot of the root', (t) => {
  const domainOf = lookupIn(t, 'Img.Example.com = img\nvideo.example.com. = Video')
  assert.equal(domainOf('img.example.com'), 'img')
  assert.equal(domainOf('IMG.EXAMPLE.COM.'), 'img')
  assert.equal(domainOf('video.example.com'), 'Video')
  for (const host of ['', 'example.com', 'a.img.example.com', 'img.example.co', '__proto__']) {
    assert.equal(domainOf(host), undefined, host)
  }
})

test('*. stands for one or more labels; the exact name goes first, then the longest', (t) => {
  const domainOf = lookupIn(
    t,
    '*.example.com = img\n*.shop.example.com = shop\na.example.com = exact',
  )
  assert.equal(domainOf('b.example.com'), 'img')
  assert.equal(domainOf('c.b.example.com'), 'img')
  assert.equal(domainOf('shop.example.com'), 'img')
  assert.equal(domainOf('B.Shop.example.com'), 'shop')
  assert.equal(domainOf('a.example.com'), 'exact')
  for (const host of ['example.com', '.example.com', 'badexample.com', '*.example.org']) {
    assert.equal(domainOf(host), undefined, host)
  }
})

test('a host that no name server knows is not looked for label by label', (t) => {
  const domainOf = lookupIn(t, '*.example.com = img')
  assert.equal(domainOf(`${'a.'.repeat(120)}example.com`), 'img')
  assert.equal(domainOf(`${'a.'.repeat(200)}example.com`), undefined)
})

test('a name that stands twice is a fault', (t) => {
  const { faults } = read(t, 'a.example = img\n*.a.example = img\nA.example. = img')
  assert.match(brief(faults).join(), /^6: A\.example\. already has a domain in .*edge\.conf:4$/)
})

test('what is no host name or no domain is a fault', (t) => {
  const text = 'a:80 = img\n* = img\nb.*.c = img\na b = img\na =\nb = img # pictures\n*b = c'
  const host = 'is not a host name such as img.example.com or *.example.com, without a port'
  const domain = 'is not a domain of 1 to 255 characters (a comment needs a line of its own)'
  assert.deepEqual(brief(read(t, text).faults), [
    `4: "a:80" ${host}`,
    `5: "*" ${host}`,
    `6: "b.*.c" ${host}`,
    `7: "a b" ${host}`,
    `8: "" ${domain}`,
    `9: "img # pictures" ${domain}`,
    `10: "*b" ${host}`,
  ])
})

test('a setting below the section is a fault and no host name', (t) => {
  assert.deepEqual(brief(read(t, 'a = img\nresolve = tracker\ndb_pass = hush!').faults), [
    '5: resolve belongs before the first section, not in [vhost]',
    '6: db_pass belongs before the first section, not in [vhost]',
  ])
  const { faults } = readText(t, '[address_map]\ndb_pass = hush!')
  assert.deepEqual(brief(faults), [
    '3: db_pass belongs before the first section, not in [address_map]',
  ])
})

test('without MogileFS the section is a warning', (t) => {
  assert.deepEqual(brief(readText(t, '[vhost]\na = img').warnings), [
    '3: [vhost] has no effect: neither trackers nor db_dsn is set',
  ])
  assert.deepEqual(brief(readText(t, '[vhosts]\na = img').faults), [
    '3: unknown section "vhosts"; did you mean [vhost]?',
  ])
})
