// The life of a server certificate through AWS's SDK for JavaScript. The argument is a folder with
// leaf.pem, chain.pem, key.pem and other-key.pem. IAM already holds a certificate named "used",
// which a listener uses, and has room for four more.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  DeleteConflictException,
  DeleteServerCertificateCommand,
  EntityAlreadyExistsException,
  GetServerCertificateCommand,
  IAMClient,
  IAMServiceException,
  InvalidInputException,
  KeyPairMismatchException,
  LimitExceededException,
  ListServerCertificateTagsCommand,
  MalformedCertificateException,
  NoSuchEntityException,
  TagServerCertificateCommand,
  UntagServerCertificateCommand,
  UpdateServerCertificateCommand,
  UploadServerCertificateCommand,
  paginateListServerCertificateTags,
  paginateListServerCertificates,
} from "@aws-sdk/client-iam";

const folder = process.argv[2];
const [leaf, chain, key, otherKey] = ["leaf", "chain", "key", "other-key"].map((name) =>
  readFileSync(`${folder}/${name}.pem`, "utf-8"),
);
const iam = new IAMClient({ maxAttempts: 1 });

const upload = (name, changes = {}) =>
  iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: name,
      CertificateBody: leaf,
      PrivateKey: key,
      ...changes,
    }),
  );
const get = (name) => iam.send(new GetServerCertificateCommand({ ServerCertificateName: name }));
const remove = (name) => iam.send(new DeleteServerCertificateCommand({ ServerCertificateName: name }));
const names = async (input, pageSize) => {
  const pages = [];
  for await (const page of paginateListServerCertificates({ client: iam, pageSize }, input)) {
    pages.push(page.ServerCertificateMetadataList.map((each) => each.ServerCertificateName));
  }
  return pages;
};
const fails = (promise, type, status) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof type, `${error}`);
    assert.equal(error.$metadata.httpStatusCode, status);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    return true;
  });

// Upload, and read back what IAM makes of it.
const uploaded = await upload("www", {
  CertificateChain: chain,
  Path: "/cloudfront/",
  Tags: [{ Key: "Team", Value: "web" }],
});
const metadata = uploaded.ServerCertificateMetadata;
assert.match(metadata.ServerCertificateId, /^ASCA[A-Z2-7]{17}$/);
assert.equal(metadata.Arn, "arn:aws:iam::111122223333:server-certificate/cloudfront/www");
assert.ok(metadata.UploadDate instanceof Date && metadata.Expiration > metadata.UploadDate);
assert.deepEqual(uploaded.Tags, [{ Key: "Team", Value: "web" }]);
const { ServerCertificate: found } = await get("www");
assert.deepEqual(found.ServerCertificateMetadata, metadata);
assert.equal(found.CertificateBody, leaf.trimEnd());
assert.equal(found.CertificateChain, chain.trimEnd());

// Tags. The paginator writes the marker into its input.
const tagged = { ServerCertificateName: "www" };
await iam.send(
  new TagServerCertificateCommand({
    ...tagged,
    Tags: [
      { Key: "Stage", Value: "" },
      { Key: "Team", Value: "shop" },
    ],
  }),
);
const pages = [];
for await (const page of paginateListServerCertificateTags({ client: iam, pageSize: 1 }, { ...tagged })) {
  pages.push(page.Tags);
}
assert.equal(pages.length, 2);
assert.deepEqual(Object.fromEntries(pages.flat().map((tag) => [tag.Key, tag.Value])), {
  Stage: "",
  Team: "shop",
});
await iam.send(new UntagServerCertificateCommand({ ...tagged, TagKeys: ["Stage", "Unknown"] }));
const { Tags: left } = await iam.send(new ListServerCertificateTagsCommand(tagged));
assert.deepEqual(left, [{ Key: "Team", Value: "shop" }]);

// A new name and path.
await iam.send(
  new UpdateServerCertificateCommand({
    ...tagged,
    NewServerCertificateName: "renamed",
    NewPath: "/shop/",
  }),
);
const { ServerCertificate: renamed } = await get("renamed");
assert.deepEqual(renamed.ServerCertificateMetadata, {
  ...metadata,
  ServerCertificateName: "renamed",
  Path: "/shop/",
  Arn: "arn:aws:iam::111122223333:server-certificate/shop/renamed",
});

// Lists, page by page.
await upload("second", { Path: "/shop/" });
await upload("third");
assert.equal((await names({}, 2)).length, 2);
assert.deepEqual((await names({}, 2)).flat().sort(), ["renamed", "second", "third", "used"]);
assert.deepEqual((await names({ PathPrefix: "/shop/" })).flat().sort(), ["renamed", "second"]);

// Errors, by their classes.
await fails(get("www"), NoSuchEntityException, 404);
await fails(remove("www"), NoSuchEntityException, 404);
await fails(upload("third"), EntityAlreadyExistsException, 409);
await fails(upload("bad", { CertificateBody: "nothing" }), MalformedCertificateException, 400);
await fails(upload("bad", { PrivateKey: otherKey }), KeyPairMismatchException, 400);
await fails(upload("bad", { CertificateChain: leaf }), MalformedCertificateException, 400);
const twice = { Key: "Team", Value: "" };
await fails(upload("bad", { Tags: [twice, twice] }), InvalidInputException, 400);
await fails(upload("not a name"), IAMServiceException, 400);
await fails(remove("used"), DeleteConflictException, 409);
await upload("fifth");
await fails(upload("sixth"), LimitExceededException, 409);

// Deletion.
for (const name of ["renamed", "second", "third", "fifth"]) {
  await remove(name);
}
assert.deepEqual((await names({})).flat(), ["used"]);
