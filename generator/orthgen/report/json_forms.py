"""
The JSON that commands print: one struct for each form, with the meaning of each key.

docs/commands.md is generated from here, and a test holds every command's output against its form. A key of type
`UnsetType` may be left out.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, UnsetType, field

from orthgen.report.adoption_forms import AdoptionForm, AdoptionNoteForm
from orthgen.report.doctor_forms import CheckResultForm, DoctorForm
from orthgen.report.editing_forms import EditedFileForm, EditForm
from orthgen.report.error_forms import (
    ErrorForm,
    Failure,
    PlaceForm,
    ProfileFindingForm,
    ValidatedProfileForm,
    ValidationForm,
)
from orthgen.report.form import Form
from orthgen.report.form import described as _is
from orthgen.report.init_forms import InitFileForm, InitForm
from orthgen.report.lock_forms import LockedImageForm, LockForm
from orthgen.report.probe_forms import CheckForm, ComparisonForm, ExpectForm, ProbeForm, RequestForm
from orthgen.report.render_forms import FileChangeForm, RenderForm
from orthgen.report.rotation_forms import RotationForm
from orthgen.report.upgrade_forms import StepForm, UpgradeForm, VersionForm


class SecretForm(Form, frozen=True):
    """One secret. Never its value."""

    name: Annotated[str, _is("the file's name below `secrets/`")]
    purpose: Annotated[str, _is("the use of the secret")]
    state: Annotated[Literal["made", "kept", "missing"], _is("`missing`: a person supplies it")]


class CertificateForm(Form, frozen=True):
    """nginx's certificate from the deployment's own authority."""

    state: Annotated[Literal["made", "renewed", "kept"], _is("what happened to the certificate")]
    expires: Annotated[str, _is("its end (ISO 8601)")]
    authority: Annotated[Literal["made", "kept"], _is("`made`: browsers have to trust a new authority")]
    fingerprint: Annotated[str, _is("the authority's SHA-256 fingerprint")]


class ProblemForm(Form, frozen=True):
    """A file that containers cannot read, or should not."""

    path: Annotated[str, _is("the file")]
    message: Annotated[str, _is("the problem")]
    remedy: Annotated[str, _is("what to do")]


Direction = Literal["from", "to"]


class ComparedSecretForm(Form, frozen=True):
    """One secret, compared between the store and the files."""

    name: Annotated[str, _is("the secret's name")]
    state: Annotated[
        Literal["same", "new", "different", "missing", "invalid"],
        _is("`new`: only the source has it; `missing`: the source does not have it"),
    ]
    problem: Annotated[str, _is("the reason why the source's value cannot be this secret")]


class ExchangeForm(Form, frozen=True):
    """The exchange of secrets with a store; printed alone where nothing was written."""

    store: Annotated[str, _is("the store")]
    direction: Annotated[Direction, _is("`from`: the store is the source; `to`: the files are")]
    written: Annotated[bool, _is("whether secrets were written")]
    secrets: Annotated[tuple[ComparedSecretForm, ...], _is("every secret of the deployment")]
    superfluous: Annotated[tuple[str, ...], _is("names in the store that the profile does not need")]


class SecretsForm(Form, frozen=True):
    """`secrets`"""

    folder: Annotated[str, _is("the deployment's folder")]
    secrets: Annotated[tuple[SecretForm, ...], _is("every secret of the deployment")]
    exchange: Annotated[ExchangeForm | None, _is("with `--from` or `--to`")]
    certificate: Annotated[CertificateForm | None, _is("with `tls: {own-authority: {}}`")]
    corrected: Annotated[tuple[str, ...], _is("files whose owner and mode were corrected")]
    problems: Annotated[tuple[ProblemForm, ...], _is("files with a problem that a person has to solve")]


class FirstAccountForm(Form, frozen=True):
    """One account with its first password."""

    user_name: Annotated[str, _is("the user name")]
    password: Annotated[str, _is("the password, for one sign-in")]
    roles: Annotated[tuple[str, ...], _is("the roles")]


class FirstSignInForm(Form, frozen=True):
    """`first-sign-in`, on a terminal only"""

    address: Annotated[str, _is("the page to open")]
    accounts: Annotated[tuple[FirstAccountForm, ...], _is("the accounts")]


class RightForm(Form, frozen=True):
    """`access`: one object for each person, action and collection, in a list."""

    who: Annotated[str, _is("a role, `signed-out`, `instant-link` or `share-link`")]
    action: Annotated[str, _is("the action")]
    on: Annotated[str | None, _is("the collection; null: studies of no collection, or the archive")]
    can: Annotated[bool, _is("whether every request of the action is granted")]
    request: Annotated[str | UnsetType, _is("if not: the request that is denied")] = UNSET
    stage: Annotated[str | UnsetType, _is("the stage that denies it")] = UNSET
    needed: Annotated[str | UnsetType, _is("what it needs")] = UNSET
    found: Annotated[str | UnsetType, _is("what it found")] = UNSET
    by: Annotated[str | UnsetType | None, _is("another action that makes it possible")] = UNSET


class DifferenceForm(Form, frozen=True):
    """`access --diff`: one object for each gain, loss or new name, in a list."""

    change: Annotated[Literal["gained", "lost", "renamed"], _is("the kind of difference")]
    who: Annotated[str | UnsetType, _is("the person, or the role's new name")] = UNSET
    action: Annotated[str | UnsetType, _is("the action")] = UNSET
    on: Annotated[str | UnsetType | None, _is("the collection, or its new name")] = UNSET
    by: Annotated[str | UnsetType, _is("another action that makes it possible")] = UNSET
    before: Annotated[str | UnsetType, _is("the name before")] = field(default=UNSET, name="from")


class ReasonForm(Form, frozen=True):
    """One stage of a decision."""

    stage: Annotated[str, _is("the stage")]
    effect: Annotated[str, _is("`allowed`, `denied` or `passed`")]
    needed: Annotated[str, _is("what the stage needs")]
    found: Annotated[str, _is("what it found")]
    location: Annotated[str | None, _is("the line of the file that decides")]
    remedy: Annotated[str | None, _is("what would allow it")]


class DecisionForm(Form, frozen=True):
    """`explain` of a request"""

    method: Annotated[str, _is("the HTTP method")]
    path: Annotated[str, _is("the path as Orthanc receives it")]
    granted: Annotated[bool, _is("the answer")]
    denied_by: Annotated[str | None, _is("the part that denies it")]
    reasons: Annotated[tuple[ReasonForm, ...], _is("every stage, in its order")]


class AnswerForm(Form, frozen=True):
    """`explain --can`"""

    who: Annotated[str, _is("the person")]
    action: Annotated[str, _is("the action")]
    on: Annotated[str | None, _is("the collection")]
    can: Annotated[bool, _is("the answer")]
    by: Annotated[str | None, _is("another action that makes it possible")]
    requests: Annotated[tuple[DecisionForm, ...], _is("the decision on each request of the action")]


class FieldForm(Form, frozen=True):
    """One field of an object in Keycloak."""

    path: Annotated[str, _is("names joined by dots")]
    before: Annotated[Any, _is("the value before")] = UNSET
    after: Annotated[Any, _is("the value after")] = UNSET
    sensitive: Annotated[bool | UnsetType, _is("true: a secret, whose values are not shown")] = UNSET


class ChangeForm(Form, frozen=True):
    """One change of the realm."""

    action: Annotated[Literal["create", "update", "delete", "adopt", "release"], _is("the change")]
    kind: Annotated[str, _is("the kind of object")]
    key: Annotated[str, _is("its name")]
    fields: Annotated[tuple[FieldForm, ...], _is("the fields that change")]
    parent: Annotated[str | UnsetType, _is("the object that it belongs to")] = UNSET
    because: Annotated[str | UnsetType, _is("the key of the profile that asks for it")] = UNSET
    note: Annotated[str | UnsetType, _is("a remark about the change")] = UNSET
    people: Annotated[int | UnsetType | None, _is("how many people hold it; null: not known")] = UNSET


class CountsForm(Form, frozen=True):
    """The numbers of a plan."""

    create: Annotated[int, _is("objects to create")]
    update: Annotated[int, _is("objects to update")]
    delete: Annotated[int, _is("objects to delete")]
    adopt: Annotated[int, _is("objects of others to use")]
    release: Annotated[int, _is("objects of others that orthgen stops using")]
    reported: Annotated[int, _is("differences that are only reported")]
    leftover: Annotated[int, _is("objects that are no longer in the profile")]
    compared: Annotated[int, _is("objects that were compared")]


ObjectAddress = tuple[str, str, str]


class PlanForm(Form, frozen=True):
    """`provision-keycloak`. An address is a list of kind, parent and key."""

    where: Annotated[str, _is("the realm")]
    changes: Annotated[tuple[ChangeForm, ...], _is("the changes, in the order in which they are made")]
    reported: Annotated[tuple[ChangeForm, ...], _is("differences that are only reported")]
    leftover: Annotated[tuple[ObjectAddress, ...], _is("addresses of objects that `--prune` deletes")]
    released: Annotated[tuple[ObjectAddress, ...], _is("addresses of objects that `--prune` stops managing")]
    in_sync: Annotated[bool, _is("whether nothing has to change")]
    applied: Annotated[bool, _is("whether the changes were made")]
    counts: Annotated[CountsForm, _is("the numbers")]
    fingerprint: Annotated[str, _is("equal for equal plans; `--plan-file` compares it")]
    foreign: Annotated[tuple[ObjectAddress, ...] | UnsetType, _is("with `--all`: objects of others")] = UNSET


class RuleForm(Form, frozen=True):
    """One rule of the auth-service."""

    rule: Annotated[str, _is("the rule")]
    holds: Annotated[bool, _is("whether the token meets the rule")]
    found: Annotated[str, _is("what the token has")]
    look_at: Annotated[str | None, _is("the setting that breaks the rule")]


class TokenForm(Form, frozen=True):
    """`check-token`"""

    understood: Annotated[bool, _is("whether every rule holds")]
    rules: Annotated[tuple[RuleForm, ...], _is("every rule")]


class DecideForm(Form, frozen=True):
    """`decide`: one object a line."""

    allowed: Annotated[bool, _is("the decision")]
    denied_by: Annotated[Literal["filter", "callback", "orthanc-401"] | None, _is("the part that denies it")]
    reason: Annotated[str, _is("the stage that decided, what it needed and found, and the line of the file")]
    line: Annotated[int, _is("the number of the request's line")]


class SourceForm(Form, frozen=True):
    """One file, or a part of a pasted text."""

    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("its first line")]
    kind: Annotated[str, _is("the kind that was recognised")]
    complete: Annotated[bool, _is("false: an excerpt, so that missing keys mean nothing")]


class FindingForm(Form, frozen=True):
    """One finding about a deployment."""

    id: Annotated[str, _is("the id, as docs/findings.md lists it")]
    severity: Annotated[Literal["error", "warning", "note"], _is("the severity")]
    confidence: Annotated[
        Literal["certain", "likely"], _is("`likely`: a part that was not in the input could explain it")
    ]
    message: Annotated[str, _is("the problem")]
    consequence: Annotated[str | None, _is("the effect on people")]
    remedy: Annotated[str, _is("what to do")]
    replacement: Annotated[str | None, _is("the exact text to write instead, if it is certain")]
    change: Annotated[
        Literal["value", "name", "directive", "addition"] | None,
        _is(
            "the text that `replacement` takes the place of: the value, the name or the directive at the place; `addition`: none, it "
            "is a new entry there"
        ),
    ]
    replaced: Annotated[str | None, _is("the part of the value that `replacement` replaces; null: all of it")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    related: Annotated[tuple[PlaceForm, ...], _is("other places that belong to the finding")]
    silenced: Annotated[str | None, _is("the reason with which it is accepted")]


class StatementForm(Form, frozen=True):
    """One statement with its evidence."""

    text: Annotated[str, _is("the sentences")]
    location: Annotated[str | None, _is("the place that shows it: `FILE:LINE:COLUMN`")]


class ReasonStepForm(Form, frozen=True):
    """One step of an explanation."""

    title: Annotated[str, _is("the part of the stack")]
    statements: Annotated[tuple[StatementForm, ...], _is("the sentences")]


class RefusalForm(Form, frozen=True):
    """One refused request with the reasons."""

    method: Annotated[str, _is("the HTTP method")]
    path: Annotated[str, _is("the path and query, without tokens")]
    status: Annotated[int, _is("401 or 403")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    alike: Annotated[int, _is("the number of further requests that differ in ids only")]
    refused_by: Annotated[str, _is("the part that refused")]
    steps: Annotated[tuple[ReasonStepForm, ...], _is("the chain of reasons")]
    remedies: Annotated[tuple[str, ...], _is("what to do, the best first")]


class AnsweredForm(Form, frozen=True):
    """One question of a pasted text with its answer."""

    question: Annotated[str, _is("the question")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    statements: Annotated[tuple[StatementForm, ...], _is("the answer")]


class DiagnosisForm(Form, frozen=True):
    """`diagnose`"""

    read: Annotated[tuple[SourceForm, ...], _is("the parts that were read, and the kind of each")]
    unseen: Annotated[tuple[str, ...], _is("information that was not in the input")]
    findings: Annotated[tuple[FindingForm, ...], _is("the findings, the most severe first")]
    refusals: Annotated[tuple[RefusalForm, ...], _is("why requests were refused")]
    answers: Annotated[tuple[AnsweredForm, ...], _is("answers to questions in the text")]
    profile: Annotated[str | None, _is("a profile with which a refused upload is allowed (YAML)")]


FORMS: dict[str, tuple[type[Form], ...]] = {
    "init": (InitForm, InitFileForm),
    "render": (RenderForm, FileChangeForm),
    "validate": (ValidationForm, ValidatedProfileForm),
    "lock": (LockForm, LockedImageForm),
    "secrets": (SecretsForm, SecretForm, ExchangeForm, ComparedSecretForm, CertificateForm, ProblemForm),
    "rotate": (RotationForm,),
    "doctor": (DoctorForm, CheckResultForm),
    "add": (EditForm,),
    "rename": (),
    "upgrade": (UpgradeForm, StepForm, VersionForm, EditedFileForm),
    "first-sign-in": (FirstSignInForm, FirstAccountForm),
    "access": (RightForm, DifferenceForm),
    "explain": (DecisionForm, ReasonForm, AnswerForm),
    "decide": (DecideForm,),
    "diagnose": (
        DiagnosisForm,
        SourceForm,
        FindingForm,
        RefusalForm,
        ReasonStepForm,
        StatementForm,
        AnsweredForm,
    ),
    "provision-keycloak": (PlanForm, ChangeForm, FieldForm, CountsForm),
    "check-token": (TokenForm, RuleForm),
    "verify": (ProbeForm, CheckForm, ExpectForm, ComparisonForm, RequestForm),
    "adopt": (AdoptionForm, AdoptionNoteForm),
}
"""The forms of each command: the whole, then its parts."""

SHARED_FORMS: tuple[type[Form], ...] = (ErrorForm, Failure, ProfileFindingForm, PlaceForm)
"""The form of an error, and the parts that several commands share."""
