import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gates } from '../../../src/domain/gates/index.ts'

const files = readdirSync(new URL('../../../src/domain/gates/', import.meta.url))
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => name !== 'gate' && name !== 'index')

test('every file of a gate is registered under its own name, and nothing else is', () => {
  expect(gates.map((gate) => gate.name).sort()).toEqual(files.sort())
})

test('the ten red lines are there, each once and in order', () => {
  expect(gates.flatMap((gate) => (gate.redLine === null ? [] : [gate.redLine]))).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ])
})

test('every gate says in a sentence what it keeps', () => {
  for (const { title } of gates) expect(title).toMatch(/^\w.{20,}/)
})
