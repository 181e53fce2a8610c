"""What AWS does on bad days, done to the real function while the real CDK CLI deploys it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from dev.demo.facts import Snapshot
from local_cloud import Fault
from support.neighbor import add_neighbor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.cdk_cli import CdkCli
    from dev.demo.facts import Outcome, StoredCertificate
    from support.projects import CheckOut, Project, StartProject

pytestmark = pytest.mark.end_to_end


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What the app is told to declare."""

    material: Issued
    context: Mapping[str, str]

    def but(self, **changes: str) -> Declaration:
        """Return the same certificate, declared otherwise."""
        return replace(self, context={**self.context, **changes})


class Shop:
    """One stack in one cloud, deployed again and again."""

    def __init__(self, project: Project, cli: CdkCli, directory: Path) -> None:
        self.cloud = project.cloud
        self.observer = project.observer
        self.deployed: Declaration | None = None
        self._project = project
        self._cli = cli
        self._directory = directory
        self._authority = Authority.root(at=datetime.now(UTC)).intermediate()
        self._issued = 0

    def renewed(self, **context: str) -> Declaration:
        """Declare a certificate of its own, under the name ``www`` unless told otherwise."""
        material = self._authority.leaf("www.example.com")
        self._issued += 1
        secret = f"key-{self._issued}"
        certificate, chain = material.write(self._directory / secret)
        self._project.store_key(material.key_pem(), name=secret)
        declared = {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": secret,
            "name": "www",
            "path": "/",
            "propagation": "0",
        }
        return Declaration(material=material, context=declared | context)

    def standing(self) -> Declaration:
        """Return what is deployed; something is, afterwards."""
        if self.deployed is None:
            self.deploy(self.renewed())
        assert self.deployed is not None
        return self.deployed

    def deploy(self, declaration: Declaration) -> Outcome:
        """Deploy, and see that the stack holds exactly what was declared."""
        outcome = self.try_to_deploy(declaration)
        assert outcome.exit_code == 0, outcome.output
        self.deployed = declaration
        (stored,) = self.observer.snapshot().certificates
        assert stored.path == declaration.context["path"]
        assert stored.name == declaration.context["name"]
        assert stored.certificate_der == declaration.material.der
        assert stored.chain_der == declaration.material.chain_der()
        assert f"Certificates.Id = {stored.certificate_id}" in outcome.output.splitlines()
        assert f"Certificates.Arn = {stored.arn}" in outcome.output.splitlines()
        return outcome

    def try_to_deploy(self, declaration: Declaration) -> Outcome:
        """Deploy, however that ends."""
        # Directly: to make a change set takes seconds more, and is not what matters here.
        options = ("--require-approval", "never", "--method", "direct")
        return self._cli.on_app("deploy", *options, context=declaration.context)

    def destroy(self) -> Outcome:
        """Delete the stack, if it is there."""
        outcome = self._cli.on_app("destroy", "--force", context=self.standing().context)
        self.deployed = None
        return outcome

    def stored(self) -> StoredCertificate:
        """Return the one certificate."""
        (stored,) = self.observer.snapshot().certificates
        return stored

    def log(self) -> str:
        """Return what the function has written so far."""
        (log,) = self.observer.logs().values()
        return log.decode()

    @contextmanager
    def calls(self) -> Iterator[dict[str, int]]:
        """Count the function's calls in the block; they are there when it ends."""
        before = self.cloud.calls("function")
        counted: dict[str, int] = {}
        yield counted
        after = self.cloud.calls("function")
        counted.update({action: after[action] - before.get(action, 0) for action in after})

    @contextmanager
    def released(self, release: Callable[[], object], *, after: int) -> Iterator[None]:
        """Have a consumer stop using the certificate after a number of refused deletions."""
        begun = self._deletions()
        over = threading.Event()

        def wait() -> None:
            while not over.wait(0.1):
                if self._deletions() >= begun + after:
                    release()
                    return

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _deletions(self) -> int:
        return self.cloud.calls("function").get("DeleteServerCertificate", 0)


@pytest.fixture(scope="module")
def shop(
    start_project: StartProject, check_out: CheckOut, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """One cloud for the tests of this file; each begins with whatever the one before has deployed."""
    directory = tmp_path_factory.mktemp("faults")
    checkout = check_out(directory / "checkout")
    add_neighbor(checkout)
    (directory / "project").mkdir()
    with start_project(directory / "project") as project:
        yield Shop(project, project.cli(root=checkout), directory / "material")


def test_function_killed_after_the_upload(shop: Shop) -> None:
    """The next attempt finds the certificate that the killed one uploaded, and answers with its id."""
    if shop.deployed is not None:
        shop.destroy()
    fault = Fault("UploadServerCertificate", "kill-after", nth=1)
    with shop.calls() as calls, shop.cloud.knobs(faults=[fault]):
        shop.deploy(shop.renewed())
    assert calls["UploadServerCertificate"] == 1
    assert calls["Answer"] == 1


@pytest.mark.parametrize("move", [1, 2])
def test_function_killed_between_the_moves(shop: Shop, move: int) -> None:
    """A renewal under one name is finished from wherever the killed attempt left it."""
    shop.standing()
    before = shop.stored().certificate_id
    fault = Fault("UpdateServerCertificate", "kill-after", nth=move)
    with shop.calls() as calls, shop.cloud.knobs(faults=[fault]):
        shop.deploy(shop.renewed())
    assert shop.stored().certificate_id != before
    assert calls["UploadServerCertificate"] == 1
    assert calls["UpdateServerCertificate"] == 2


def test_answer_that_is_lost_on_the_way(shop: Shop) -> None:
    """The answer is sent again until it arrives, and what it tells is done once."""
    shop.standing()
    faults = [
        Fault("Answer", "reset", nth=1),
        Fault("Answer", "fail", nth=2),
        Fault("Answer", "lose-answer", nth=3),
    ]
    with shop.calls() as calls, shop.cloud.knobs(faults=faults):
        shop.deploy(shop.renewed())
    assert calls["UploadServerCertificate"] == 1
    # Three that were lost and one that was not; then the one to the deletion in the clean-up.
    assert calls["Answer"] == 5


def test_function_killed_before_the_answer(shop: Shop) -> None:
    """The next attempt finds its work done, and only answers."""
    standing = shop.standing()
    before = shop.stored()
    renamed = standing.but(name="shop", path="/shop/")
    with shop.calls() as calls, shop.cloud.knobs(faults=[Fault("Answer", "kill", nth=1)]):
        shop.deploy(renamed)
    assert shop.stored().certificate_id == before.certificate_id
    assert calls["UpdateServerCertificate"] == 1
    assert calls["Answer"] == 2


def test_distribution_that_holds_the_replaced_certificate(shop: Shop) -> None:
    """The clean-up after a renewal waits for the distribution, and the log tells which one it is."""
    shop.deploy(shop.standing().but(path="/cloudfront/"))
    certificate_id = shop.stored().certificate_id
    cloudfront = shop.cloud.client("cloudfront")
    created = cloudfront.create_distribution(DistributionConfig=_distribution(certificate_id))
    distribution = created["Distribution"]

    def release() -> None:
        cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=created["ETag"])

    with shop.released(release, after=1), shop.calls() as calls:
        shop.deploy(shop.renewed(path="/cloudfront/"))
    assert calls["DeleteServerCertificate"] == 2
    (line,) = (line for line in shop.log().splitlines() if '"wait for a consumer"' in line)
    assert f"Certificate: {certificate_id} is being used by CloudFront." in line


def test_key_of_another_certificate(shop: Shop) -> None:
    """The update fails with the reason and the way out, and IAM is as it was."""
    standing = shop.standing()
    before = shop.observer.snapshot()
    wrong = shop.renewed().but(secret=standing.context["secret"])
    outcome = shop.try_to_deploy(wrong)
    assert outcome.exit_code == 1, outcome.output
    said = " ".join(outcome.output.split())
    assert "it doesn't belong to the certificate of 'CN=www.example.com'" in said
    assert shop.observer.snapshot() == before


def test_rename_that_is_rolled_back(shop: Shop) -> None:
    """When another resource fails, a certificate that was moved in place is back where it was."""
    # From its first change in place on, what it has once replaced is history, and no tag tells it.
    standing = shop.standing().but(path="/before/")
    shop.deploy(standing)
    before = shop.observer.snapshot()
    with shop.calls() as calls:
        outcome = shop.try_to_deploy(
            standing.but(name="elsewhere", path="/elsewhere/", broken="yes")
        )
    assert outcome.exit_code == 1, outcome.output
    assert "function:missing" in outcome.output
    assert calls["UpdateServerCertificate"] == 2
    assert shop.observer.snapshot() == before


def test_listener_that_holds_the_certificate(shop: Shop) -> None:
    """The deletion of the stack waits until the load balancer's listener is gone."""
    shop.standing()
    load_balancers = shop.cloud.client("elbv2")
    listener = _listener(load_balancers, shop.stored().arn)

    def release() -> None:
        load_balancers.delete_listener(ListenerArn=listener)

    with shop.released(release, after=2), shop.calls() as calls:
        outcome = shop.destroy()
    assert outcome.exit_code == 0, outcome.output
    assert calls["DeleteServerCertificate"] == 3
    assert shop.observer.snapshot() == Snapshot()


def test_throttling(shop: Shop) -> None:
    """With the first upload and every second call refused as too many, all succeeds, and once."""
    if shop.deployed is not None:
        shop.destroy()
    faults = [
        Fault("UploadServerCertificate", "throttle", nth=1),
        Fault("iam:*ServerCertificate*", "throttle", every=2),
    ]
    with shop.cloud.knobs(faults=faults):
        with shop.calls() as creating:
            shop.deploy(shop.renewed())
        with shop.calls() as renewing:
            shop.deploy(shop.renewed())
    assert creating["UploadServerCertificate"] == 2
    # Two moves and a deletion, and what of them was refused.
    changes = renewing["UpdateServerCertificate"] + renewing["DeleteServerCertificate"]
    assert changes > 3


def test_listener_before_the_certificate_is_known(shop: Shop) -> None:
    """A load balancer takes a certificate only when it has been waited for."""
    before = shop.standing()
    renewed = shop.renewed(**{"load-balancer": "yes"})
    with shop.cloud.knobs(propagation_seconds=3):
        outcome = shop.try_to_deploy(renewed)
        assert outcome.exit_code == 1, outcome.output
        assert "not found (Service: ElasticLoadBalancingV2" in outcome.output
        assert shop.stored().certificate_der == before.material.der
        shop.deploy(renewed.but(propagation="5"))
        assert shop.observer.snapshot().listener_arns == (shop.stored().arn,)


def _listener(load_balancers: Any, arn: str) -> str:  # noqa: ANN401 - boto3's
    """Make a load balancer with a listener that serves a certificate; return the listener's ARN."""
    created = load_balancers.create_load_balancer(Name="outside", Subnets=["subnet-1", "subnet-2"])
    listener = load_balancers.create_listener(
        LoadBalancerArn=created["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    made: str = listener["Listeners"][0]["ListenerArn"]
    return made


def _distribution(certificate_id: str) -> dict[str, Any]:
    """Describe a distribution that serves a certificate."""
    origin = {
        "Id": "origin",
        "DomainName": "origin.example.com",
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
        },
    }
    return {
        "CallerReference": certificate_id,
        "Comment": "",
        "Enabled": False,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "origin",
            "ViewerProtocolPolicy": "https-only",
        },
        "ViewerCertificate": {
            "IAMCertificateId": certificate_id,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        },
    }
