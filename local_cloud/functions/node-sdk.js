// Runs in the process of a Node.js function, before the function. Lambda's Node.js runtimes contain the
// AWS SDK for JavaScript; here it is missing, and a function that uses it anyway is told so.
"use strict";

{
  const Module = require("module");
  const path = require("path");

  // Packages come from the function and its layers. Those in folders above, such as /tmp, are another user's.
  const own = __dirname + path.sep;
  const foldersFrom = Module._nodeModulePaths;
  Module._nodeModulePaths = (from) => foldersFrom(from).filter((folder) => folder.startsWith(own));

  // AwsCustomResource installs the SDK into /tmp unless told otherwise; then it tries to load it as below.
  process.env.npm_config_offline = "true";
  process.env.npm_config_cache = path.join(__dirname, "npm");
  process.env.npm_config_logs_max = "0";

  const failing = (name) =>
    function () {
      throw new Error(
        `${name} is part of Lambda's Node.js runtimes, and the local cloud doesn't have it. ` +
          "Bundle the package with the function, or put it into a layer.",
      );
    };

  // The emulator has stand-ins for some clients. Code that searches a package for its client, as
  // AwsCustomResource does, can't use them: it finds this name.
  const SEARCHED = "Client";

  const standIn = (name, stub) =>
    new Proxy(
      {},
      {
        get: (_, key) => {
          if (typeof key !== "string" || key === "then") return undefined;
          if (key === "__esModule") return true;
          return (key !== SEARCHED && stub[key]) || failing(name);
        },
        ownKeys: () => [SEARCHED],
        getOwnPropertyDescriptor: (_, key) =>
          key === SEARCHED
            ? { configurable: true, enumerable: true, value: failing(name) }
            : undefined,
      },
    );

  const load = Module.prototype.require;
  Module.prototype.require = function (name) {
    if (!/^@(aws-sdk|smithy)\//.test(name)) return load.apply(this, arguments);
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
}
