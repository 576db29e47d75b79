import { describe, expect, it } from '@jest/globals';
import type { ControllerRoute } from './controller-routes.js';
import { RouteTemplate } from '../scope-rules/route-template.js';
import { ScopeRule } from '../scope-rules/scope-rule.js';
import { applyScopeRules } from './scope-rules.js';

function rule(route: string, scopes = 'read'): ScopeRule {
  const parsed = ScopeRule.parse(route, scopes);
  if (parsed === null) throw new Error(`${route} is no rule`);
  return parsed;
}

function route(method: string, ...templates: string[]): ControllerRoute {
  return { controller: class {}, handlers: [() => null], method, templates };
}

describe('RouteTemplate.compare', () => {
  it.each([
    ['/', '/', 'covered'],
    ['/*', '/', 'covered'],
    ['/*', '/a/:b/*', 'covered'],
    ['/a/*', '/a', 'covered'],
    ['/a/*', '/a/b', 'covered'],
    ['/a/*', '/a/*path', 'covered'],
    ['/a/*', '/a{/:id}', 'covered'],
    ['/a/*', '/ab', 'apart'],
    ['/a/*', '/A/b', 'apart'],
    ['/a/*', '/:any/b', 'overlapping'],
    ['/a/*', '/*', 'overlapping'],
    ['/a/:id', '/a/:other', 'covered'],
    ['/a/:id', '/a/b', 'covered'],
    ['/a/:id', '/a/:id(\\d+)', 'covered'],
    ['/a/:id', '/a/:id?', 'overlapping'],
    ['/a/:id', '/a', 'apart'],
    ['/a/:id', '/a/:id/b', 'apart'],
    ['/a/b', '/a/:id', 'overlapping'],
    ['/a/b', '/a/b-:id', 'overlapping'],
    ['/a/b', '/a/c', 'apart'],
    ['/a', '/a/*', 'overlapping'],
  ])('%s with %s: %s', (mine, other, coverage) => {
    expect(new RouteTemplate(mine).compare(new RouteTemplate(other))).toBe(coverage);
  });
});

describe('ScopeRule.parse', () => {
  it.each(['GET /', '* /*', 'POST /a/:id/b.c', 'DELETE /a/*'])('reads %j', (text) => {
    expect(ScopeRule.parse(text, 'read write')?.scopes.toString()).toBe('read write');
  });

  it.each([
    'GET',
    '/a',
    'get /a',
    'GET a',
    'GET  /a',
    'GET /a/',
    'GET //a',
    'GET /a*',
    'GET /*/a',
    'GET /a%20b',
    'GET /a?x',
    'HEAD /a',
    'ALL /a',
    'FETCH /a',
  ])('does not take %j for a rule', (text) => {
    expect(ScopeRule.parse(text, 'read')).toBeNull();
  });

  it.each(['', 'a  b', 'a"', null, ['a'], 5])('does not take %j for scopes', (scopes) => {
    expect(ScopeRule.parse('GET /a', scopes)).toBeNull();
  });

  it('covers HEAD where it covers GET', () => {
    expect(rule('GET /a').appliesTo('HEAD')).toBe(true);
    expect(rule('POST /a').appliesTo('HEAD')).toBe(false);
    expect(rule('* /a').appliesTo('ANYTHING')).toBe(true);
  });
});

describe('applyScopeRules', () => {
  it('gives a handler the rules of all its paths', () => {
    const [a, b] = [rule('GET /a'), rule('GET /b')];
    const { routes } = applyScopeRules([route('GET', '/a', '/b')], [a, b]);
    expect(routes.map(({ rules }) => rules)).toEqual([[a, b]]);
  });

  it('gives a controller that is mounted twice the rules of both places, in both', () => {
    const a = rule('GET /a');
    const here = route('GET', '/a');
    const { routes } = applyScopeRules([here, { ...here, templates: ['/b'] }], [a]);
    expect(routes.map(({ rules }) => rules)).toEqual([[a], [a]]);
  });

  it('leaves the method to the request where a handler answers all', () => {
    const [get, every] = [rule('GET /a'), rule('* /a')];
    const { routes } = applyScopeRules([route('ALL', '/a')], [get, every]);
    expect(routes).toEqual([expect.objectContaining({ rules: [every], methodRules: [get] })]);
  });

  it('refuses rules that cover nothing, and names them', () => {
    const attempt = () =>
      applyScopeRules([route('GET', '/a')], [rule('GET /a'), rule('POST /a'), rule('GET /b')]);
    expect(attempt).toThrow('"POST /a", "GET /b"');
    expect(() => applyScopeRules([route('GET', '/:any')], [rule('GET /a')])).toThrow('"GET /a"');
  });
});
