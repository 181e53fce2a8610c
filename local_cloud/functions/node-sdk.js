// Runs in the process of a Node.js function, before the function. Lambda's Node.js runtimes contain the
// AWS SDK for JavaScript; here it is missing, and a function that uses it anyway is told so.
"use strict";

{
  const Module = require("module");
  const path = require("path");
  const { pathToFileURL } = require("url");

  const isOfSdk = (name) => /^@(aws-sdk|smithy)\//.test(name);
  const sentence = (name) =>
    `${name} is part of Lambda's Node.js runtimes, and the local cloud doesn't have it. ` +
    "Bundle the package with the function, or put it into a layer.";
  const failing = (name) =>
    function () {
      throw new Error(sentence(name));
    };

  // Packages come from the function and its layers. Those in folders above, such as /tmp, are another user's.
  const own = __dirname + path.sep;
  const foldersFrom = Module._nodeModulePaths;
  Module._nodeModulePaths = (from) => foldersFrom(from).filter((folder) => folder.startsWith(own));

  // AwsCustomResource installs the SDK into /tmp unless told otherwise; then it tries to load it as below.
  process.env.npm_config_offline = "true";
  process.env.npm_config_cache = path.join(__dirname, "npm");

  // The emulator has stand-ins for some clients. Code that searches a package for its client, as
  // AwsCustomResource does, can't use them: it finds this name.
  const SEARCHED = "Client";

  const standIn = (name, stub) =>
    new Proxy(
      {},
      {
        get: (_, key) => {
          // Otherwise, an async function couldn't return the package.
          if (key === "then") return undefined;
          return (key !== SEARCHED && stub[key]) || failing(name);
        },
        ownKeys: () => [SEARCHED],
        getOwnPropertyDescriptor: () => ({
          configurable: true,
          enumerable: true,
          value: failing(name),
        }),
      },
    );

  const load = Module.prototype.require;
  Module.prototype.require = function (name) {
    if (!isOfSdk(name)) return load.apply(this, arguments);
    try {
      Module._resolveFilename(name, this);
    } catch {
      let stub = {};
      try {
        stub = load.apply(this, arguments);
      } catch {}
      return standIn(name, stub);
    }
    return load.apply(this, arguments);
  };

  // The same for import, which needs Node.js 22.15: before, Node.js says it in its own words.
  Module.registerHooks?.({
    resolve(name, context, next) {
      if (!context.conditions.includes("import") || !isOfSdk(name)) return next(name, context);
      try {
        const found = next(name, context);
        if (found.url.startsWith(pathToFileURL(own).href)) return found;
      } catch {}
      throw new Error(sentence(name));
    },
  });
}
