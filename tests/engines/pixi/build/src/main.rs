//! pixi as it is published, but for `pixi shell-hook --json`, which is newer than that: it is answered from the crate's
//! own activation, in the form that later versions print.
use miette::{miette, Result};
use pixi::{get_activation_env, EnvironmentName, Project, UpdateLockFileOptions};
use std::path::Path;

/// The word behind an option.
fn value_of<'a>(args: &'a [String], names: &[&str]) -> Option<&'a str> {
    let at = args.iter().position(|arg| names.contains(&arg.as_str()))?;
    args.get(at + 1).map(String::as_str)
}

async fn tell_activation(args: &[String]) -> Result<()> {
    let project = Project::load_or_else_discover(value_of(args, &["--manifest-path"]).map(Path::new))?;
    let name = match value_of(args, &["-e", "--environment"]) {
        None | Some("default") => EnvironmentName::Default,
        Some(other) => EnvironmentName::Named(other.to_string()),
    };
    let environment = project.environment(&name).ok_or_else(|| miette!("unknown environment '{name}'"))?;
    let variables = get_activation_env(&environment, UpdateLockFileOptions::default().lock_file_usage).await?;
    println!("{}", serde_json::json!({ "environment_variables": variables, "activation_scripts": [] }));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let asks = |word: &str| args.iter().any(|arg| arg == word);
    if asks("shell-hook") && asks("--json") {
        return tell_activation(&args).await;
    }
    pixi::cli::execute().await
}
