//! Programs side by side.

use std::{process::Stdio, thread};

use crate::scene::Scene;

#[test]
fn sixteen_processes_on_an_expired_token_make_one_request_and_print_one_token() {
    let scene = Scene::expired();
    let before = scene.web_app().counters().token_requests;
    let children: Vec<_> = (0..16)
        .map(|_| {
            scene
                .command(&["token", "acme"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let outputs: Vec<_> = thread::scope(|scope| {
        let waiting: Vec<_> = children
            .into_iter()
            .map(|child| scope.spawn(|| child.wait_with_output().unwrap()))
            .collect();
        waiting
            .into_iter()
            .map(|output| output.join().unwrap())
            .collect()
    });
    assert_eq!(scene.web_app().counters().token_requests - before, 1);
    let first = outputs[0].stdout.clone();
    for output in outputs {
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, first);
    }
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}
