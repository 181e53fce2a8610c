// Answers a custom resource's event: the module that CloudFormation adds to inline Node.js functions.
// Its interface is AWS's (CloudFormation User Guide, "cfn-response module").
"use strict";

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = (event, context, responseStatus, responseData, physicalResourceId, noEcho) => {
  const stream = context.logStreamName;
  const answer = JSON.stringify({
    Status: responseStatus,
    Reason: `See the details in CloudWatch Log Stream: ${stream}`,
    PhysicalResourceId: physicalResourceId || stream,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  const headers = { "Content-Type": "", "Content-Length": Buffer.byteLength(answer) };
  return new Promise((resolve) => {
    const end = (text) => {
      console.log(text);
      context.done();
      resolve();
    };
    const request = require("https").request(
      new URL(event.ResponseURL),
      { method: "PUT", headers },
      (response) => end(`The answer was sent to CloudFormation. Status code: ${response.statusCode}`),
    );
    request.on("error", (error) => end(`The answer couldn't be sent to CloudFormation: ${error.message}`));
    request.end(answer);
  });
};
