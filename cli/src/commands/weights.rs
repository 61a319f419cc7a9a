//! How much each rate counts: shown, or set on the city hub.

use desk::Problem;
use desk::call::answers::WeightsPlanned;
use desk::call::questions as q;
use desk::report::WeightsUsed;

use super::shown;
use crate::args::{Global, Weights};
use crate::{out, show};

pub async fn run(global: &Global, command: Weights) -> Result<(), Problem> {
    let call = match command {
        Weights::Show => q::Weights { response: None, solution: None, satisfaction: None, mostly: None, from: None },
        Weights::Set { response: None, solution: None, satisfaction: None, mostly: None, .. } => {
            return Err(Problem::bad_input("请给出要改的权重，如 --response 30", "say which weight, as --response 30"));
        }
        Weights::Set { response, solution, satisfaction, mostly, from } => {
            q::Weights { response, solution, satisfaction, mostly, from }
        }
    };
    shown(global, call, |weights| {
        out::line(sentence(&weights.used));
        weights.planned.iter().for_each(|planned| out::line(to_come(planned)));
        match &weights.proposed {
            Some(proposed) => show::proposed(proposed),
            None => show::registry_proposals(&weights.proposals),
        }
    })
    .await
}

/// `自 2026-12-01 起：响应 20、解决 40、满意 40，“基本”折算 90`
fn to_come(planned: &WeightsPlanned) -> String {
    let WeightsPlanned { from, response, solution, satisfaction, mostly } = planned;
    if out::english() {
        return format!(
            "from {from}: response {response}, solution {solution}, satisfaction {satisfaction}, half an answer {mostly}"
        );
    }
    format!("自 {from} 起：响应 {response}、解决 {solution}、满意 {satisfaction}，“基本”折算 {mostly}")
}

/// `口径：响应 10、解决 50、满意 40，“基本”折算 90（名册第 6 版）`
pub fn sentence(weights: &WeightsUsed) -> String {
    let WeightsUsed { version, response, solution, satisfaction, mostly, .. } = weights;
    if out::english() {
        let set = if *version == 0 { "the usual ones".to_owned() } else { format!("registry version {version}") };
        return format!(
            "weights: response {response}, solution {solution}, satisfaction {satisfaction}, half an answer {mostly} ({set})"
        );
    }
    let set = if *version == 0 { "默认".to_owned() } else { format!("名册第 {version} 版") };
    format!("口径：响应 {response}、解决 {solution}、满意 {satisfaction}，“基本”折算 {mostly}（{set}）")
}
