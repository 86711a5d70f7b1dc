//! The activity log and its proof.

use insta::assert_snapshot;
use ota_testing::WebBuild;

use crate::support::Ctl;

#[test]
fn the_log_is_verified_here_and_not_by_the_server() {
    let ctl = Ctl::with_app();
    ctl.publish(&WebBuild::new(1), "2.5.0", "staging", &[]).ok();
    ctl.snapshot(|| {
        assert_snapshot!(ctl.run(&["activity", "--app", "tidepool", "--verify"]), @r"
        exit 0
        --- stdout
        ENTRY  WHEN                  BY          WHAT
        4      [time]  test admin  Published 2.5.0 #1 to staging
        3      [time]  test admin  Verified 2.5.0, signed with [key id]
        2      [time]  test admin  Trusts the key main [key id]
        1      [time]  test admin  Created the app tidepool

        Every hash up to entry 4 is right. Keep this to prove it later:
        4:[sha256]
        ");
        assert_snapshot!(ctl.run(&["activity", "--app", "tidepool", "--limit", "1"]), @r"
        exit 0
        --- stdout
        ENTRY  WHEN                  BY          WHAT
        4      [time]  test admin  Published 2.5.0 #1 to staging
        ");
    });
    let json = ctl
        .run(&["activity", "--app", "tidepool", "--verify", "--json"])
        .ok()
        .json();
    let head = format!(
        "{}:{}",
        json["verified"]["entry"],
        json["verified"]["hash"].as_str().unwrap()
    );
    ctl.publish(&WebBuild::new(2), "2.6.0", "staging", &[]).ok();
    ctl.run(&["activity", "--app", "tidepool", "--verify", "--head", &head])
        .ok();
}

#[test]
fn a_log_that_is_not_the_one_of_before_is_a_failure() {
    let ctl = Ctl::with_app();
    let head = format!("1:{}", "0".repeat(64));
    ctl.snapshot(|| {
        assert_snapshot!(ctl.run(&["activity", "--app", "tidepool", "--verify", "--head", &head]), @r"
        exit 1
        --- stderr
        error: Entry 1 of the activity log is not the one it was: the log was rewritten
        hint: Ask whoever runs the server, and look at its backups
        ");
        assert_snapshot!(ctl.run(&["activity", "--app", "tidepool", "--verify", "--head", "latest"]), @r"
        exit 2
        --- stderr
        error: invalid value 'latest' for '--head <ENTRY:HASH>': write it as it was printed: the number of an entry, a colon, and its hash

        For more information, try '--help'.
        ");
    });
}
