"""
The forms of the JSON that each command prints.

docs/commands.md is generated from them. Commands print the forms themselves; the lines of `decide` are written by hand for
their speed, and a test holds them against `DecideForm`. A key of type `UnsetType` may be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.plan_forms import ChangeForm, FieldForm
from orthgen.report.adoption_forms import AdoptionForm, AdoptionNoteForm
from orthgen.report.decision_forms import AnswerForm, DecideForm, DecisionForm, ReasonForm
from orthgen.report.diagnosis_forms import (
    AnsweredForm,
    DiagnosisForm,
    FindingForm,
    ReasonStepForm,
    RefusalForm,
    SourceForm,
    StatementForm,
)
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
from orthgen.report.first_sign_in_forms import FirstAccountForm, FirstSignInForm
from orthgen.report.init_forms import InitFileForm, InitForm
from orthgen.report.lock_forms import LockedImageForm, LockForm
from orthgen.report.plan_forms import CountsForm, PlanForm
from orthgen.report.probe_forms import CheckForm, ComparisonForm, ExpectForm, ProbeForm, RequestForm
from orthgen.report.render_forms import FileChangeForm, RenderForm
from orthgen.report.rights_forms import DifferenceForm, RightForm
from orthgen.report.rotation_forms import RotationForm
from orthgen.report.secrets_forms import (
    CertificateForm,
    ComparedSecretForm,
    ExchangeForm,
    ProblemForm,
    SecretForm,
    SecretsForm,
)
from orthgen.report.token_forms import RuleForm, TokenForm
from orthgen.report.upgrade_forms import StepForm, UpgradeForm, VersionForm

if TYPE_CHECKING:
    from orthgen.formats.json_form import Form

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
