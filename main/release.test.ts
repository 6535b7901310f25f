import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PAGE_GROUND } from './windows/page-ground.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const release = z
  .looseObject({
    electronFuses: z.record(z.string(), z.boolean()),
    files: z.array(z.string()),
    mac: z.looseObject({ target: z.array(z.object({ target: z.string(), arch: z.array(z.string()) })) }),
  })
  .parse(parse(read('electron-builder.yml')));

describe('what is released', () => {
  it('has every fuse set, the dangerous ones off', () => {
    expect(release.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
      resetAdHocDarwinSignature: true,
    });
    expect(release['asar']).toBe(true);
  });

  it('is a hardened menu bar app for both kinds of Mac', () => {
    expect(release.mac).toMatchObject({
      hardenedRuntime: true,
      entitlements: 'resources/entitlements.mac.plist',
      entitlementsInherit: 'resources/entitlements.mac.plist',
      extendInfo: { LSUIElement: true },
    });
    expect(release.mac.target).toEqual([
      { target: 'dmg', arch: ['arm64', 'x64'] },
      { target: 'zip', arch: ['arm64', 'x64'] },
    ]);
  });

  it('asks macOS for two exceptions, each with its reason', () => {
    const plist = read('resources/entitlements.mac.plist');
    const keys = [...plist.matchAll(/<!--[^]*?-->\s*<key>([^<]+)<\/key>\s*<true\/>/g)].map(([, key]) => key);
    expect(keys).toEqual(['com.apple.security.cs.allow-jit', 'com.apple.security.cs.disable-library-validation']);
    expect(plist.match(/<key>/g)).toHaveLength(keys.length);
  });

  it('has an icon for macOS with all its sizes', () => {
    const icns = readFileSync(join(ROOT, 'resources/icon.icns'));
    expect(icns.subarray(0, 4).toString()).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const types: string[] = [];
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) types.push(icns.toString('latin1', at, at + 4));
    expect(types).toEqual(['ic11', 'ic12', 'ic07', 'ic13', 'ic08', 'ic14', 'ic09', 'ic10']);
  });

  it('the ground of an empty window is the ground of the pages', () => {
    const grounds = [...read('renderer/ui/tokens.css').matchAll(/--ground: (#[0-9a-f]{6})/g)].map(
      ([, colour]) => colour,
    );
    expect(grounds).toEqual([PAGE_GROUND.light, PAGE_GROUND.dark]);
  });
});
