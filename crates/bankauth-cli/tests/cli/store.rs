//! A state folder that cannot be written, or holds half a file.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    process::Command,
};

use crate::scene::{Scene, finished};

/// A user that is not root: root writes where nobody may.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

#[test]
fn a_read_only_state_folder_keeps_the_valid_token_usable() {
    let scene = Scene::logged_in();
    let token = scene.run(&["token", "acme"]).expect(0).out;
    let run = |arguments: &[&str]| {
        let mut command = scene.command(arguments);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        finished(command)
    };
    if is_root() {
        for path in [scene.folder.path(), &scene.state()] {
            for entry in fs::read_dir(path).unwrap() {
                chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
            }
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    fs::set_permissions(scene.state(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(run(&["token", "acme"]).expect(0).out, token);
    let address = scene
        .web_app()
        .authorise(run(&["login", "acme", "--print-url"]).expect(0).out.trim())
        .unwrap();
    let before = scene.web_app().counters().exchanges;
    let ran = run(&[
        "-q",
        "login",
        "acme",
        "--redirected-to",
        address.expose_secret(),
    ])
    .expect(1);
    assert_eq!(
        scene.web_app().counters().exchanges,
        before,
        "the code is not spent"
    );
    assert!(
        ran.err
            .starts_with("error: the token store failed: cannot "),
        "{}",
        ran.err
    );
    assert_eq!(run(&["token", "acme"]).expect(0).out, token);
    fs::set_permissions(scene.state(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_full_disk_spends_no_refresh_token() {
    let scene = Scene::expired();
    let before = scene.web_app().counters().token_requests;
    // A file system of two pages that is full, in a mount namespace of its own.
    let script = "set -e
mount -t tmpfs -o size=8k,mode=0700 tmpfs \"$1\"
cp -a \"$2\"/. \"$1\"
dd if=/dev/zero of=\"$1/filler\" bs=4096 2>/dev/null || true
shift 2
exec \"$@\"";
    let kept = scene.path("kept");
    fs::rename(scene.state(), &kept).unwrap();
    fs::create_dir(scene.state()).unwrap();
    let command = scene.command(&["-q", "token", "acme"]);
    let mut unshare = Command::new("unshare");
    unshare.args(if is_root() {
        &["--mount"][..]
    } else {
        &["--user", "--map-root-user", "--mount"]
    });
    unshare
        .args(["sh", "-c", script, "sh"])
        .arg(scene.state())
        .arg(&kept);
    unshare
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(scene.folder.path());
    let ran = finished(unshare).expect(1);
    assert!(
        ran.err.contains("cannot write") && ran.err.contains("No space left"),
        "{}",
        ran.err
    );
    assert_eq!(scene.web_app().counters().token_requests, before);
    // Nothing was lost: with room again the token is renewed.
    fs::remove_dir(scene.state()).unwrap();
    fs::rename(kept, scene.state()).unwrap();
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}

#[test]
fn half_a_state_file_is_kept_aside_and_named() {
    let scene = Scene::logged_in();
    let path = scene.token_file();
    let whole = fs::read(&path).unwrap();
    let half = &whole[..whole.len() / 2];
    fs::write(&path, half).unwrap();
    let ran = scene.run(&["-q", "token", "acme"]).expect(5);
    let kept = fs::read_dir(scene.state())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let kept = kept
        .filter(|path| path.to_string_lossy().ends_with(".damaged-1"))
        .last()
        .unwrap();
    assert!(ran.err.contains(&kept.display().to_string()), "{}", ran.err);
    assert_eq!(fs::read(&kept).unwrap(), half);
    // The next one finds nothing, says so and where the damaged file is, and leaves it there.
    let ran = scene.run(&["-q", "token", "acme"]).expect(5);
    assert!(ran.err.contains(&kept.display().to_string()), "{}", ran.err);
    scene.login();
    assert_eq!(fs::read(&kept).unwrap(), half);
    scene.run(&["token", "acme"]).expect(0);
}
