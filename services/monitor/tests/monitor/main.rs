//! Monitor over its whole way, from journals to what people read, on each database.

mod api;
mod books;
mod callbacks;
mod clocks;
mod daily;
mod ladder;
mod life;
mod lists;
mod notices;
mod pages;
mod precedents;
mod reconciling;
mod reports;
mod shadow;
mod tasks;
mod world;
