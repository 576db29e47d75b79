import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { hashSync } from 'bcryptjs';

const SALT = Buffer.from('salt of another system');

/** Cheap hashes as other systems write them, each under the name of its kind. */
export const LEGACY_HASHES: Readonly<Record<string, (password: string) => string>> = {
  'bcrypt-2a': (password) => hashSync(password, 4).replace(/^\$2b/, '$2a'),
  'bcrypt-2b': (password) => hashSync(password, 4),
  'bcrypt-2y': (password) => hashSync(password, 4).replace(/^\$2b/, '$2y'),
  scrypt: (password) =>
    `$scrypt$ln=10,r=8,p=1$${base64(SALT)}$${base64(scryptSync(password, SALT, 32, { N: 1024, r: 8, p: 1 }))}`,
  'pbkdf2-sha256': (password) =>
    `$pbkdf2-sha256$i=1000$${base64(SALT)}$${base64(pbkdf2Sync(password, SALT, 1000, 32, 'sha256'))}`,
  'pbkdf2-sha512': (password) =>
    `$pbkdf2-sha512$i=1000,l=64$${base64(SALT)}$${base64(pbkdf2Sync(password, SALT, 1000, 64, 'sha512'))}`,
  django: (password) =>
    `pbkdf2_sha256$1000$seasalt$${pbkdf2Sync(password, 'seasalt', 1000, 32, 'sha256').toString('base64')}`,
};

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
