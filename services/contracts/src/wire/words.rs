//! Enumerations. The exhaustive match makes a word that the domain gains a compile error here.

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{
    CallBack, Class, ClosureClass, Conclusion, Datum, Designation, Discrepancy, EvidenceKind, Field, Flag,
    LogStep, Measure, Repeat, Role, RungKind, SourceStatus, TaskKind, TimeBasis,
};
use bihuan_domain::code::Level;
use bihuan_domain::dispute::Position;

use super::Word;
use crate::generated::clue::v1 as proto;

macro_rules! words {
    ($($name:ident { $($variant:ident),+ $(,)? })+) => {
        $(impl Word for $name {
            fn number(self) -> i32 {
                match self {
                    $(Self::$variant => proto::$name::$variant as i32,)+
                }
            }

            fn from_number(number: i32) -> Option<Self> {
                match proto::$name::try_from(number).ok()? {
                    proto::$name::Unspecified => None,
                    $(proto::$name::$variant => Some(Self::$variant),)+
                }
            }
        })+
    };
}

pub(in crate::wire) use words;

words! {
    Role { Source, Routing, Clock, Agency, Coordinator, Checker, CallBack, Operator, Dispute }
    Level { Grid, Village, Town, County, City }
    Conclusion {
        Penalty, NoPenaltyMinor, NoPenaltyFirst, NoFault, NotMadeOut, Unverifiable, Rectified, Explained, NotFiled,
        CaseFiled, TransferCriminal, TransferJurisdiction, Unstated,
    }
    Measure { OrderCorrect, Education, Mitigation, FastProcedure, Seizure, Other }
    ClosureClass { Substantive, Interim, Procedural }
    EvidenceKind { Before, After, Near, Far, Reference, Document }
    CallBack { Satisfied, NotDone, NotApplicable, Unreachable }
    Class { Ordinary, SelfHandled, ClosedAtSource }
    Datum { Wgs84, Cgcs2000, Gcj02, Bd09 }
    Flag {
        MatterMissing, MatterUnknown, AreaMissing, AreaUnknown, AgencyUnknown, ConclusionUnknown, ReportedAtMissing,
        ReportedAtUnreadable, ReportedInFuture, ClosedAtUnreadable, DueAtUnreadable, ClosedBeforeReported,
        LocationUnreadable, ValueUnknown, ValueUnreadable, VersionUnreadable, SourceStatusUnknown,
        AreaAmbiguous, AreaDisagrees, IdImprecise, SameAsDisagrees,
    }
    LogStep { Dispatched, Acknowledged, Handling, Waiting, Resolved, Closed }
    SourceStatus { Open, Withdrawn, Deleted, Closed, Reopened, Urged }
    TimeBasis { StatusTime, Version, Receipt }
    Field {
        ReportedAt, Matter, Area, Title, Description, Place, Class, Severity, Location, Attributes, DueAt, Status,
        Agency, Attachments,
    }
    Discrepancy { SourceCorrected, SourceWithdrawn, SourceClosed, SourceReopened, SourceMissing }
    Repeat { Unchanged, Updated, Stale }
    Step { Dispatch, Triage, Acknowledge, Handle, Check, Overall, Assist, Arrive }
    Position { Claims, Denies }
    Designation { Ruling, Agreement }
    TaskKind { Assist, Call }
    RungKind { Reminder, Colour, Notice, Bulletin, Escalation }
}
