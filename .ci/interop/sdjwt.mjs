// Judge: verifies an SD-JWT VC with @sd-jwt/sd-jwt-vc, under the leaf of its own
// x5c once its chain has been checked up to a trusted root.
//
//   node sdjwt.mjs file.sdjwt trusted-roots.pem
//
// Prints the claims and exits 0, or says why not and exits 1.
import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

const [file, rootsFile] = process.argv.slice(2);
const digests = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', EdDSA: null };

// chainOf returns the certificates of x5c, leaf first, each signed by the next
// and the last by one of the roots, all within their validity.
function chainOf(x5c, roots, at) {
  const chain = x5c.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  const last = chain.at(-1);
  const root = roots.find((r) => last.checkIssued(r) && last.verify(r.publicKey));
  if (!root) throw new Error('the chain ends at none of the trusted roots');
  for (const [i, cert] of [...chain, root].entries()) {
    if (at < new Date(cert.validFrom) || at > new Date(cert.validTo)) {
      throw new Error(`certificate ${i} is out of its time`);
    }
    if (i === 0) continue;
    const below = chain[i - 1];
    if (!cert.ca) throw new Error(`certificate ${i} is no authority`);
    if (!below.checkIssued(cert) || !below.verify(cert.publicKey)) {
      throw new Error(`certificate ${i - 1} was not issued by ${i}`);
    }
  }
  return chain;
}

// everyDisclosureIsSigned holds RFC 9901 §7.1 step 5, which the library (0.19.0)
// does not: it drops a disclosure that nobody signed without a word.
function everyDisclosureIsSigned(text) {
  const [jwt, ...rest] = text.split('~');
  const disclosures = rest.slice(0, -1);
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  const signed = new Set();
  const collect = (value) => {
    if (value === null || typeof value !== 'object') return;
    for (const digest of value._sd ?? []) signed.add(digest);
    if (value['...']) signed.add(value['...']);
    Object.values(value).forEach(collect);
  };
  collect(read(jwt.split('.')[1]));
  disclosures.forEach((d) => collect(read(d)));
  for (const d of disclosures) {
    const digest = createHash('sha256').update(d).digest('base64url');
    if (!signed.has(digest)) throw new Error('a disclosure is not in what the issuer signed');
  }
}

async function main() {
  const text = readFileSync(file, 'utf8');
  const roots = readFileSync(rootsFile, 'utf8')
    .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    .map((pem) => new X509Certificate(pem));
  const header = JSON.parse(Buffer.from(text.split('.')[0], 'base64url').toString('utf8'));
  if (header.typ !== 'dc+sd-jwt') throw new Error(`typ is ${header.typ}`);
  if (!(header.alg in digests)) throw new Error(`alg is ${header.alg}`);
  const [leaf] = chainOf(header.x5c, roots, new Date());

  const instance = new SDJwtVcInstance({
    hasher: (data, alg) => createHash(alg.replace('-', '')).update(Buffer.from(data)).digest(),
    hashAlg: 'sha-256',
    verifier: (data, signature) => {
      const key = { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' };
      return verifySignature(digests[header.alg], Buffer.from(data), key, Buffer.from(signature, 'base64url'));
    },
  });
  const { payload } = await instance.verify(text);

  everyDisclosureIsSigned(text);
  console.log(`issuer: ${leaf.subject.replaceAll('\n', ', ')}`);
  console.log(JSON.stringify(payload, null, 2));
}

main().catch((error) => {
  console.error(`refused: ${error.message}`);
  process.exit(1);
});
